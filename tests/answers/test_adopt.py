"""Teams that track half of their roadmap already, other installations, and leaving for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.answers.desk import MANUAL, PARSE, SHIP, Desk, desk
from tests.e2e.world import KINDS

HALF = f"""# Plan

## Alpha

- [ ] {PARSE}
- [ ] **AUD-07**: Audit every write that reaches the forge
- [ ] {MANUAL}
- [ ] {SHIP}
- [x] Choose a licence for the whole project
""".encode()


@pytest.fixture(params=KINDS)
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A team with issues of its own and no syncer yet."""
    with desk(request.param, tmp_path, HALF) as made:
        made.repo.open_issue(PARSE, "Please soon.")
        made.repo.open_issue("AUD-07 audit of writes", "See the minutes.")
        made.repo.open_issue("Write a manual for new maintainers and for users", "")
        made.repo.open_issue("Coffee machine is broken", "")
        made.repo.open_issue("Choose a licence for the whole project", "").close()
        yield made


@pytest.mark.parametrize("team", ["github"], indirect=True)
def test_adoption_shows_exact_and_similar_pairs_with_scores_before_anything_is_bound(team: Desk) -> None:
    team.sandbox.reset_counts()

    shown = team.syncer("adopt")

    assert shown.code == 4
    assert f'TODO.md:5 "{PARSE}"  <->  #1 "{PARSE}"  (same title)' in shown.out
    assert "#2" in shown.out
    assert "(same id)" in shown.out
    assert '#3 "Write a manual for new maintainers and for users"  (alike, 9' in shown.out
    assert "Coffee" not in shown.out
    assert "licence" not in shown.out, "what is finished on both sides is left alone"
    assert team.sandbox.count().changes == 0
    assert "4 issues to create" in team.syncer("run", "--dry-run").out, "nothing was bound"


def test_a_team_that_tracks_half_of_its_roadmap_loses_nothing_and_gets_no_duplicates(team: Desk) -> None:
    assert team.syncer("adopt", "--approve").code == 0
    run = team.syncer("run")

    assert run.code == 0, run.err
    titles = [each.title for each in team.repo.issues()]
    assert len(titles) == 6, "only the last line had no issue"
    assert titles.count(PARSE) == titles.count(SHIP) == 1
    first = team.issue(PARSE)
    assert first.body.startswith("Please soon.\n\n<!-- syncer:begin")
    assert "TODO.md :: Alpha" in first.body
    assert sorted(team.holds()) == ["no-base", "no-base"], "the titles that differ are for a person"
    assert team.syncer("resolve", "--all", "--take", "roadmap", "--run").code == 0
    assert [each.title for each in team.repo.issues()][1:3] == [
        "AUD-07: Audit every write that reaches the forge",
        MANUAL,
    ]
    assert (team.planned(), team.holds()) == ([], [])
    assert team.syncer("adopt", "--json").json[0]["pairs"] == []
    assert team.syncer("adopt", "#1=TODO.md:8", "--approve").code == 1, "never bound twice"


def test_what_is_not_unique_is_left_to_a_person(tmp_path: Path) -> None:
    with desk("github", tmp_path, HALF) as made:
        made.repo.open_issue(PARSE, "")
        made.repo.open_issue(PARSE, "")

        shown = made.syncer("adopt", "--json")

        assert shown.json[0]["pairs"] == []
        assert [each["number"] for each in shown.json[0]["unclear"]] == [1, 2]
        assert made.syncer("adopt", "#2=TODO.md:5", "--approve").code == 0
        assert made.syncer("run").code == 0
        assert made.syncer("why", "TODO.md:5", "--json").json["sides"][0]["number"] == 2


def test_the_issues_of_another_installation_are_taken_over_on_request_only(office: Desk) -> None:
    office.settings = office.settings.replace("create_grace", 'owner = "other/1"\ncreate_grace')
    office.write()
    (office.directory / "syncer.db").unlink()
    refused = office.syncer("run", "--json")
    (project,) = refused.json["projects"]
    (owner,) = {hold["remedy"].split("`")[1].split(" ")[-1] for hold in project["plan"]["holds"]}
    assert [hold["code"] for hold in project["plan"]["holds"]] == ["foreign-owner", "foreign-milestone"]
    assert len(office.repo.issues()) == 3
    assert office.syncer("adopt", "--from", owner).code == 4
    bodies = [each.body for each in office.repo.issues()]

    assert office.syncer("adopt", "--from", owner, "--approve").code == 0

    assert [each.body for each in office.repo.issues()] == [
        body.replace(f"owner={owner} ", "owner=other/1 ") for body in bodies
    ]
    office.sync()
    assert len(office.repo.issues()) == 3
    assert len(office.repo.milestones()) == 1
    assert (office.planned(), office.holds()) == ([], [])


def test_leaving_takes_markers_and_blocks_away_and_nothing_else(office: Desk) -> None:
    issue = office.issue(PARSE)
    issue.edit_body(f"My notes.\n\n{issue.body}\n\nMore notes.")
    office.sync()
    before = office.text

    assert office.syncer("detach", "rune", "--remove", "blocks", "--labels").code == 4
    result = office.syncer("detach", "rune", "--remove", "blocks", "--labels", "--approve")

    assert result.code == 0, result.err
    assert office.issue(PARSE).body == "My notes.\n\n\n\nMore notes."
    assert {each.body for each in office.repo.issues()} == {"", "My notes.\n\n\n\nMore notes."}
    assert {each.labels for each in office.repo.issues()} == {frozenset()}
    assert [each.description for each in office.repo.milestones()] == [""]
    assert {each.state for each in office.repo.issues()} == {"open"}
    assert office.text == before
    refused = office.syncer("run")
    assert refused.code == 1
    assert "was detached" in refused.err
    assert len(office.repo.issues()) == 3


def test_leaving_without_a_trace_being_removed_can_be_taken_back(hub: Desk) -> None:
    hub.sandbox.reset_counts()
    assert hub.syncer("detach", "rune", "--approve").code == 0
    assert hub.sandbox.count().changes == 0
    assert hub.syncer("run").code == 1

    assert hub.syncer("adopt", "--approve").code == 0
    hub.sync()
    assert len(hub.repo.issues()) == 3
    assert (hub.planned(), hub.holds()) == ([], [])
