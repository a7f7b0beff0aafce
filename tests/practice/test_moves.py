"""An issue that is moved to another milestone moves its line, over real HTTP."""

from __future__ import annotations

from tests.practice.conftest import YardMaker

TEXT = (
    "# Plan\r\n\r\n## Alpha\r\n\r\n- [ ] Write the parser  \r\n- [ ] Test it\r\n\r\n"
    "## Beta\r\n\r\n1. [ ] Ship it\r\n"
)


def test_the_line_follows_its_issue_and_comes_back_with_it(yard: YardMaker) -> None:
    team = yard(TEXT, placement="both")
    team.settled()
    alpha, beta = (
        each for name in ("Alpha", "Beta") for each in team.repository.milestones() if each.title == name
    )
    issue = team.issue("Write the parser")
    issue.set_milestone(beta)
    team.settled()
    assert team.text() == (
        "# Plan\r\n\r\n## Alpha\r\n\r\n- [ ] Test it\r\n\r\n## Beta\r\n\r\n1. [ ] Ship it\r\n"
        "2. [ ] Write the parser  \r\n"
    )
    assert "TODO.md :: Beta" in issue.body
    issue.set_milestone(alpha)
    team.settled()
    assert team.text().startswith(
        "# Plan\r\n\r\n## Alpha\r\n\r\n- [ ] Test it\r\n- [ ] Write the parser  \r\n\r\n## Beta"
    )


def test_by_default_it_is_reported(yard: YardMaker) -> None:
    team = yard(TEXT)
    team.settled()
    (beta,) = (each for each in team.repository.milestones() if each.title == "Beta")
    team.issue("Write the parser").set_milestone(beta)
    team.settled()
    assert team.codes() == ["milestone-moved"]
    assert team.text() == TEXT
