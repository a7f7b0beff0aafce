"""A branch that takes no commits: one rolling pull or merge request carries the edits, and all converges.

Everything over real HTTP against the sandbox; people act as they do on the forge's pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from syncer.cli.render import report_lines
from syncer.model.identity import TrackerId
from syncer.model.ledger import Decision, LedgerChange, RunOutcome
from syncer.model.plan import EditRoadmap, Outcome, ReviseProposal
from syncer.reconcile.policy import Policy
from syncer.sandbox import Fault, Sandbox
from syncer.service.project import Way, WriteBack
from tests.traffic import RECORD_TO

from .rolling import TEXT, Harbour

BRANCH = "syncer/main"
KINDS = ["github", "gitlab"]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        yield sandbox


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    made: str = request.param
    return made


@pytest.fixture
def build(sandbox: Sandbox) -> Iterator[Callable[..., Harbour]]:
    """Makes a harbour that has been synced once."""
    made: list[Harbour] = []

    def make(kind: str, **values: Any) -> Harbour:
        made.append(Harbour(sandbox, kind, **values))
        made[-1].sync()
        return made[-1]

    yield make
    for each in made:
        each.forge.close()


@pytest.fixture
def harbour(build: Callable[..., Harbour], kind: str) -> Harbour:
    return build(kind)


def test_a_closed_issue_becomes_a_request_and_stays_pending(harbour: Harbour) -> None:
    """The target is untouched; the edit is shown, and not planned again."""
    harbour.issue("build the engine").close(by="alice")
    report = harbour.sync()

    assert TEXT.splitlines() == harbour.lines()
    assert "- [x] build the engine" in harbour.lines(BRANCH)
    assert [f"in {harbour.carrier.shown}"] == [
        each.detail for each in report.receipts if isinstance(each.action, EditRoadmap)
    ]
    assert {harbour.carrier.shown: harbour.carrier.url} == report.proposals
    assert f"to be merged: {harbour.carrier.url}" in "\n".join(report_lines(report))
    plan = harbour.settled()
    (hold,) = (hold for hold in plan.holds if hold.code == "pending")
    assert harbour.carrier.shown in hold.reason
    assert harbour.carrier.url in hold.remedy


def test_it_stays_open_for_days_without_another_commit(harbour: Harbour) -> None:
    """However often is looked, and whatever else happens on the branch."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    head = harbour.repository.head(BRANCH)
    for day in range(3):
        harbour.pass_days(1)
        harbour.repository.commit({"README.md": f"day {day}\n".encode()}, by="alice")
        harbour.sync()

    assert head == harbour.repository.head(BRANCH)
    assert 1 == len(harbour.repository.pulls())


def test_looking_at_an_open_request_costs_one_conditional_request(harbour: Harbour) -> None:
    """Beside those for the branch, the issues and the milestones."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.sync()
    harbour.sandbox.reset_counts()
    harbour.sync()

    assert 4 == harbour.sandbox.count(harbour.kind).total


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_a_merged_request_settles(harbour: Harbour, method: str) -> None:
    """In whichever way it was merged; the next edit goes into a new request on the same branch."""
    if harbour.kind == "gitlab" and method == "rebase":
        pytest.skip("GitLab's API merges or squashes")
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.request.merge(by="alice", method=method)
    harbour.sync()
    assert "- [x] build the engine" in harbour.lines()
    assert () == harbour.settled().holds

    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    assert BRANCH == harbour.carrier.branch
    assert 2 == len(harbour.repository.pulls())
    harbour.request.merge(by="alice", method=method)
    harbour.sync()

    assert "- [x] build the engine" in harbour.lines()
    assert "- [x] paint the hull" in harbour.lines()
    assert () == harbour.settled().holds


def test_a_new_edit_is_added_in_place(harbour: Harbour) -> None:
    """The same branch, the same request, one more commit; its text says so."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    number = harbour.request.number
    harbour.issue("paint the hull").retitle("paint the whole hull", by="alice")
    report = harbour.sync()

    assert 1 == sum(isinstance(each.action, EditRoadmap) for each in report.receipts)
    assert number == harbour.request.number
    assert "- [x] build the engine" in harbour.lines(BRANCH)
    assert "- [ ] paint the whole hull" in harbour.lines(BRANCH)
    assert "paint the whole hull" in harbour.request.body
    harbour.settled()


def test_a_new_text_is_found_again_after_the_merge(harbour: Harbour) -> None:
    """Even if it has nothing in common with the old one: no issue is made for it."""
    harbour.issue("paint the hull").retitle("Zwölf Boxkämpfer", by="alice")
    harbour.sync()
    harbour.pass_days(2)
    harbour.sync()
    harbour.request.merge(by="alice", method="squash")
    harbour.sync()

    assert "- [ ] Zwölf Boxkämpfer" in harbour.lines()
    assert 6 == len(harbour.repository.issues())
    assert () == harbour.settled().holds


def test_an_edit_that_nobody_wants_any_more_is_taken_out(harbour: Harbour) -> None:
    """The plan shows that the request changes."""
    harbour.issue("build the engine").close(by="alice")
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    harbour.issue("build the engine").reopen(by="alice")
    (action,) = harbour.plan().actions
    assert isinstance(action, ReviseProposal)
    harbour.sync()

    assert "- [ ] build the engine" in harbour.lines(BRANCH)
    assert "- [x] paint the hull" in harbour.lines(BRANCH)
    harbour.settled()


def test_an_empty_request_is_closed_and_a_later_edit_opens_another(harbour: Harbour) -> None:
    """On the same branch again."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.issue("build the engine").reopen(by="alice")
    harbour.sync()
    assert [] == harbour.open_requests()
    assert () == harbour.settled().holds

    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    assert BRANCH == harbour.carrier.branch
    assert ["- [ ] build the engine", "- [x] paint the hull"] == harbour.lines(BRANCH)[4:6]
    harbour.request.merge(by="alice")
    harbour.sync()
    assert ["- [ ] build the engine", "- [x] paint the hull"] == harbour.lines()[4:6]
    assert () == harbour.settled().holds


def test_what_a_person_does_on_the_target_empties_the_request(harbour: Harbour) -> None:
    """Somebody ticks the box by hand: nothing is left to be carried."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.edit("- [ ] build the engine", "- [x] build the engine")
    harbour.sync()

    assert [] == harbour.open_requests()
    assert () == harbour.settled().holds


def test_a_request_that_is_closed_unmerged_declines_its_edits(harbour: Harbour) -> None:
    """They are held, by the request's name, and no other request is opened for them."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    shown = harbour.carrier.shown
    harbour.request.close(by="alice")
    harbour.sync()

    (hold,) = harbour.settled().holds
    assert ("declined", True) == (hold.code, f"declined in {shown}" in hold.reason)
    harbour.pass_days(3)
    harbour.sync()
    assert [] == harbour.open_requests()
    assert TEXT.splitlines() == harbour.lines()


def test_taking_the_trackers_value_asks_again(harbour: Harbour) -> None:
    """A person's decision lifts the refusal: the edit is in a new request."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.request.close(by="alice")
    harbour.sync()
    (hold,) = harbour.holds("declined")
    assert hold.subject.uid is not None
    winner = TrackerId("main:acme/rune")
    now = harbour.clock.now()
    decision = Decision(hold.subject.uid, hold.field, winner, frozenset({hold.digest}), now)
    harbour.ledger.save("rune", LedgerChange(decisions=(decision,)))
    harbour.sync()

    assert ["pending"] == [each.code for each in harbour.settled().holds]
    harbour.request.merge(by="alice")
    harbour.sync()
    assert "- [x] build the engine" in harbour.lines()
    assert () == harbour.settled().holds


def test_other_edits_go_on_beside_declined_ones(harbour: Harbour) -> None:
    """In another request, which does not carry what was declined."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.request.close(by="alice")
    harbour.sync()
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    harbour.request.merge(by="alice")
    harbour.sync()

    assert ["- [ ] build the engine", "- [x] paint the hull"] == harbour.lines()[4:6]
    assert ["declined"] == [hold.code for hold in harbour.settled().holds]


def test_a_declined_edit_that_is_asked_for_anew_is_a_new_question(harbour: Harbour) -> None:
    """Reopening the issue ends the hold; closing it again opens a request again."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.request.close(by="alice")
    harbour.sync()
    harbour.issue("build the engine").reopen(by="alice")
    harbour.sync()
    assert () == harbour.settled().holds

    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    assert 1 == len(harbour.open_requests())


def test_a_request_that_is_opened_again_carries_its_edits_again(harbour: Harbour) -> None:
    """Whoever declined has thought better of it."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.request.close(by="alice")
    harbour.sync()
    harbour.repository.pulls()[0].reopen(by="alice")
    harbour.sync()
    assert ["pending"] == [hold.code for hold in harbour.settled().holds]
    harbour.request.merge(by="alice")
    harbour.sync()

    assert "- [x] build the engine" in harbour.lines()
    assert () == harbour.settled().holds


def test_a_persons_commit_on_the_branch_is_never_replaced(harbour: Harbour) -> None:
    """New edits wait; after the merge both are on the target, and the rest follows."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.edit("- [ ] write the manual", "- [ ] write the long manual", branch=BRANCH)
    theirs = harbour.repository.head(BRANCH)
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()

    assert theirs == harbour.repository.head(BRANCH)
    assert ["pending", "pending"] == [hold.code for hold in harbour.settled().holds]
    harbour.request.merge(by="alice")
    harbour.sync()
    harbour.sync()
    assert "- [x] build the engine" in harbour.lines()
    assert "- [ ] write the long manual" in harbour.lines()
    assert "write the long manual" in {issue.title for issue in harbour.repository.issues()}
    harbour.request.merge(by="alice")
    harbour.sync()
    assert "- [x] paint the hull" in harbour.lines()
    assert () == harbour.settled().holds


def test_a_persons_commit_in_other_files_is_no_obstacle(harbour: Harbour) -> None:
    """It stays, and edits are added upon it."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.repository.commit({"NOTES.md": b"mine\n"}, branch=BRANCH, by="alice")
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()

    assert b"mine\n" == harbour.repository.file("NOTES.md", BRANCH)
    assert ["- [x] build the engine", "- [x] paint the hull"] == harbour.lines(BRANCH)[4:6]
    harbour.settled()


def test_a_persons_other_files_survive_whatever_happens_on_the_target(harbour: Harbour) -> None:
    """The branch is only added to; where it conflicts, it is left to the person."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.repository.commit({"NOTES.md": b"mine\n"}, branch=BRANCH, by="alice")
    harbour.edit("sail around the world", "sail around the whole world")
    harbour.issue("invite the press").close(by="alice")
    harbour.sync()
    assert b"mine\n" == harbour.repository.file("NOTES.md", BRANCH)
    assert "- [x] invite the press" in harbour.lines(BRANCH)

    harbour.edit("- [ ] build the engine", "* [ ] build the engine")
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    harbour.sync()
    assert b"mine\n" == harbour.repository.file("NOTES.md", BRANCH)
    assert 1 == len(harbour.open_requests())


def test_a_closed_request_with_a_persons_commit_keeps_its_branch(harbour: Harbour) -> None:
    """The next request takes another branch."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.repository.commit({"NOTES.md": b"mine\n"}, branch=BRANCH, by="alice")
    harbour.request.close(by="alice")
    theirs = harbour.repository.head(BRANCH)
    harbour.sync()
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()

    assert theirs == harbour.repository.head(BRANCH)
    assert f"{BRANCH}-2" == harbour.carrier.branch
    assert "- [x] paint the hull" in harbour.lines(f"{BRANCH}-2")


def test_a_branch_that_a_person_brought_up_to_date_is_still_ours(harbour: Harbour) -> None:
    """The forge's button merges the target into it: its files are as we would write them."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.edit("sail around the world", "sail around the whole world")
    harbour.edit("sail around the world", "sail around the whole world", branch=BRANCH)
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    assert ["- [x] build the engine", "- [x] paint the hull"] == harbour.lines(BRANCH)[4:6]
    harbour.request.merge(by="alice")
    harbour.sync()

    assert "- [ ] sail around the whole world" in harbour.lines()
    assert () == harbour.settled().holds


def test_a_merge_in_the_moment_of_our_commit_loses_no_edit(harbour: Harbour) -> None:
    """The commit is in no request then: the edit goes into the next one, and counts as declined nowhere."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    merging = harbour.request
    path = r"/graphql" if harbour.kind == "github" else r"/repository/commits$"
    harbour.sandbox.faults.add(
        Fault("before", method="POST", path=path, call=lambda _: merging.merge(by="alice"))
    )
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    harbour.sync()
    assert "- [x] build the engine" in harbour.lines()
    assert ["pending"] == [hold.code for hold in harbour.settled().holds]
    harbour.request.merge(by="alice")
    harbour.sync()

    assert "- [x] paint the hull" in harbour.lines()
    assert () == harbour.settled().holds


def test_an_edit_that_a_person_took_out_before_merging_is_declined(harbour: Harbour) -> None:
    """It is not offered again and again."""
    harbour.issue("build the engine").close(by="alice")
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    harbour.edit("- [x] paint the hull", "- [ ] paint the hull", branch=BRANCH)
    harbour.request.merge(by="alice", method="squash")
    harbour.sync()

    assert ["- [x] build the engine", "- [ ] paint the hull"] == harbour.lines()[4:6]
    assert ["declined"] == [hold.code for hold in harbour.settled().holds]
    assert [] == harbour.open_requests()


def test_the_target_moves_beside_a_pending_edit(harbour: Harbour) -> None:
    """Neighbouring lines conflict for git, and not for us: the request merges all the same."""
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    harbour.edit("- [ ] build the engine", "- [x] build the engine")
    harbour.edit("- [ ] write the manual", "- [ ] write the manual of it")
    harbour.sync()
    harbour.issue("invite the press").close(by="alice")
    harbour.sync()
    harbour.sync()
    harbour.request.merge(by="alice")
    harbour.sync()

    wanted = ["- [x] build the engine", "- [x] paint the hull", "- [ ] write the manual of it"]
    assert wanted == harbour.lines()[4:7]
    assert "- [x] invite the press" in harbour.lines()
    assert () == harbour.settled().holds


@pytest.mark.parametrize("rule", ["pull_request", ""], ids=["ruleset", "classic"])
def test_losing_the_ledger_opens_no_second_request(
    build: Callable[..., Harbour], kind: str, rule: str
) -> None:
    """The open one is found again by its branch, with what it carries."""
    harbour = build(kind, rule=rule)
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    head = harbour.repository.head(BRANCH)
    harbour.lose_ledger()
    harbour.sync()
    harbour.sync()

    assert 1 == len(harbour.repository.pulls())
    assert head == harbour.repository.head(BRANCH)
    harbour.lose_ledger()
    harbour.request.close(by="alice")
    harbour.sync()
    assert 1 == len(harbour.repository.pulls())


@pytest.mark.parametrize("end", ["open", "closed"])
def test_a_request_is_known_by_what_it_says_where_nothing_is_remembered(
    build: Callable[..., Harbour], kind: str, end: str
) -> None:
    """An open one carries its edits, a closed one declined them; neither gets a second one beside it."""
    harbour = build(kind, policy=Policy(done_wins=True))
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    head = harbour.repository.head(BRANCH)
    if end == "closed":
        harbour.request.close(by="alice")
    harbour.lose_ledger()
    harbour.sync()

    assert 1 == len(harbour.repository.pulls())
    assert head == harbour.repository.head(BRANCH)
    assert ["pending" if end == "open" else "declined"] == [hold.code for hold in harbour.settled().holds]


def test_a_persons_changes_are_respected_where_nothing_is_remembered(
    build: Callable[..., Harbour], kind: str
) -> None:
    """What the branch holds is not what we would write: it is left alone."""
    harbour = build(kind, policy=Policy(done_wins=True))
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.edit("- [ ] write the manual", "- [ ] write the long manual", branch=BRANCH)
    head = harbour.repository.head(BRANCH)
    harbour.lose_ledger()
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()

    assert head == harbour.repository.head(BRANCH)
    assert ["pending", "pending"] == [hold.code for hold in harbour.settled().holds]


def test_a_line_that_changes_under_a_pending_edit_does_not_block_it(harbour: Harbour) -> None:
    """Git conflicts, the request is put onto the target again; on GitLab another one takes its place."""
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    first = harbour.request.number
    harbour.edit("- [ ] paint the hull", "* [ ] paint the hull")
    harbour.sync()
    harbour.sync()

    assert (harbour.request.number == first) is (harbour.kind == "github")
    assert ["pending"] == [hold.code for hold in harbour.settled().holds]
    harbour.request.merge(by="alice")
    harbour.sync()
    assert "* [x] paint the hull" in harbour.lines()
    assert () == harbour.settled().holds


def test_a_new_name_of_a_stage_is_found_again_after_the_merge(harbour: Harbour) -> None:
    """Its milestone is not made a second time."""
    (beta,) = (each for each in harbour.repository.milestones() if each.title == "Beta")
    beta.rename("Gamma", by="alice")
    harbour.sync()
    assert "## Gamma" in harbour.lines(BRANCH)
    assert "TODO.md :: Beta" in harbour.issue("sail around the world").body
    harbour.pass_days(1)
    harbour.settled()
    harbour.request.merge(by="alice", method="squash")
    harbour.sync()

    assert "## Gamma" in harbour.lines()
    assert ["Alpha", "Gamma"] == [each.title for each in harbour.repository.milestones()]
    assert "TODO.md :: Gamma" in harbour.issue("sail around the world").body
    assert () == harbour.settled().holds


def test_a_request_that_was_deleted_is_made_again(build: Callable[..., Harbour]) -> None:
    """GitLab lets owners delete one; that declines nothing."""
    harbour = build("gitlab")
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.request.close(by="alice")
    harbour.repository.pulls()[0].model.deleted = True
    harbour.sync()
    harbour.sync()

    assert [True, False] == [each.gone for each in harbour.repository.pulls()]
    assert ["pending"] == [hold.code for hold in harbour.settled().holds]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", r"/git/refs$|/repository/branches"),
        ("POST", r"/graphql|/repository/commits"),
        ("POST", r"/pulls$|/merge_requests$"),
    ],
    ids=["branch", "commit", "request"],
)
@pytest.mark.parametrize("fault", ["lose_answer", "bad_gateway_before"])
def test_a_lost_answer_makes_nothing_twice(harbour: Harbour, method: str, path: str, fault: str) -> None:
    """Whatever was cut off: one branch, one commit, one request."""
    harbour.issue("build the engine").close(by="alice")
    harbour.sandbox.faults.add(Fault(fault, forge=harbour.kind, method=method, path=path))
    harbour.run()
    harbour.sync()

    assert 1 == len(harbour.repository.pulls())
    assert 1 == sum("Syncer-Run" in message for message in harbour.repository.log(BRANCH))
    assert ["pending"] == [hold.code for hold in harbour.settled().holds]


@pytest.mark.parametrize("step", ["commit", "text", "close"])
@pytest.mark.parametrize("fault", ["lose_answer", "bad_gateway_before"])
def test_a_request_that_changes_survives_a_lost_answer(harbour: Harbour, step: str, fault: str) -> None:
    """Another edit, and then none: what was cut off is done once, and what was not is done."""
    places = {
        "commit": ("POST", r"/graphql|/repository/commits"),
        "text": ("PATCH" if harbour.kind == "github" else "PUT", r"/pulls/\d+|/merge_requests/\d+"),
        "close": ("PATCH" if harbour.kind == "github" else "PUT", r"/pulls/\d+|/merge_requests/\d+"),
    }
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    if step == "close":
        harbour.issue("build the engine").reopen(by="alice")
    else:
        harbour.issue("paint the hull").close(by="alice")
    method, path = places[step]
    harbour.sandbox.faults.add(Fault(fault, forge=harbour.kind, method=method, path=path))
    harbour.run()
    harbour.sync()
    harbour.sync()

    if step == "close":
        assert [] == harbour.open_requests()
        assert () == harbour.settled().holds
        assert TEXT.splitlines() == harbour.lines()
    else:
        assert ["- [x] build the engine", "- [x] paint the hull"] == harbour.lines(BRANCH)[4:6]
        assert ["pending", "pending"] == [hold.code for hold in harbour.settled().holds]
        assert 2 == sum("Syncer-Run" in message for message in harbour.repository.log(BRANCH))
    assert 1 == len(harbour.repository.pulls())


def test_a_dry_run_shows_the_edit_and_opens_nothing(harbour: Harbour) -> None:
    """Reading only, and the transport would refuse anything else."""
    harbour.issue("build the engine").close(by="alice")
    (action,) = harbour.plan().actions

    assert isinstance(action, EditRoadmap)
    assert [] == harbour.repository.pulls()
    assert BRANCH not in harbour.repository.branches()


def test_protection_that_comes_later_is_noticed(build: Callable[..., Harbour], kind: str) -> None:
    """The refused commit leads to a request in the same run."""
    harbour = build(kind, protected=False)
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    assert "- [x] build the engine" in harbour.lines()

    harbour.protect()
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    assert "- [ ] paint the hull" in harbour.lines()
    assert "- [x] paint the hull" in harbour.lines(BRANCH)


def test_classic_protection_is_invisible_to_rules_and_found_by_trying(
    sandbox: Sandbox, build: Callable[..., Harbour]
) -> None:
    """One refused commit, then the request."""
    harbour = build("github", rule="")
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()

    assert 1 == len(harbour.open_requests())
    assert ["pending"] == [hold.code for hold in harbour.settled().holds]


def test_a_rule_is_known_before_a_commit_is_refused(sandbox: Sandbox, build: Callable[..., Harbour]) -> None:
    """The rules endpoint, not the classic one."""
    harbour = build("github")
    harbour.issue("build the engine").close(by="alice")
    sandbox.reset_counts()
    harbour.sync()
    paths = [each.path for each in sandbox.requests]

    assert "/repos/acme/rune/rules/branches/main" in paths
    assert not any(path.endswith("/protection") for path in paths)
    assert [] == [each for each in sandbox.requests if each.status in (403, 422)]


def test_a_branch_that_may_not_be_made_is_a_status_and_no_loop(
    sandbox: Sandbox, build: Callable[..., Harbour]
) -> None:
    """One refused attempt; then it is held, with what would mend it, for an hour."""
    harbour = build("github")
    harbour.side.ruleset(harbour.repository, "creation", include=("~ALL",))
    harbour.issue("build the engine").close(by="alice")
    report = harbour.run()
    assert RunOutcome.PARTIAL is report.outcome
    (failed,) = (each for each in report.receipts if each.outcome is Outcome.FAILED)
    assert "syncer/main" in failed.detail

    (hold,) = harbour.settled().holds
    assert "no-way-back" == hold.code
    assert "allow syncer to make the branch syncer/main" in hold.remedy

    harbour.repository.model.rulesets.pop()
    harbour.pass_days(0.1)
    harbour.sync()
    assert 1 == len(harbour.open_requests())


def test_a_request_can_be_wanted_where_none_is_needed(build: Callable[..., Harbour], kind: str) -> None:
    """By option."""
    harbour = build(kind, protected=False, write_back=WriteBack(way=Way.REQUEST))
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()

    assert TEXT.splitlines() == harbour.lines()
    assert 1 == len(harbour.open_requests())


def test_commits_only_fails_in_clear_words(build: Callable[..., Harbour], kind: str) -> None:
    """By option: nothing else is tried."""
    harbour = build(kind, write_back=WriteBack(way=Way.COMMIT))
    harbour.issue("build the engine").close(by="alice")
    report = harbour.run()

    (failed,) = (each for each in report.receipts if each.outcome is Outcome.FAILED)
    assert "merge request" in failed.detail
    assert [] == harbour.repository.pulls()


def test_auto_merge_lets_the_forge_merge(build: Callable[..., Harbour], kind: str) -> None:
    """As soon as somebody approves."""
    harbour = build(kind, write_back=WriteBack(auto_merge=True))
    harbour.side.settings.checks_pending = True
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    harbour.request.approve(by="alice")
    harbour.sync()

    assert "- [x] build the engine" in harbour.lines()
    assert () == harbour.settled().holds


def test_a_direct_commit_can_start_no_pipeline(build: Callable[..., Harbour], kind: str) -> None:
    """By option; a request never says so, its checks would wait for ever."""
    harbour = build(kind, protected=False, write_back=WriteBack(skip_ci=True))
    harbour.issue("build the engine").close(by="alice")
    harbour.sync()
    assert "[skip ci]" in harbour.repository.log()[0]

    harbour.protect()
    harbour.issue("paint the hull").close(by="alice")
    harbour.sync()
    assert "[skip ci]" not in harbour.repository.log(BRANCH)[0]


def test_a_text_cannot_speak_through_a_request(harbour: Harbour) -> None:
    """No mention, no reference, no closing word from a title."""
    harbour.issue("build the engine").retitle("closes #2 @alice fixes #3", by="mallory")
    harbour.sync()
    body = harbour.request.body

    assert "@alice" not in body.replace("@\u200balice", "")
    assert "closes #2" not in body
    assert "fixes #3" not in body
