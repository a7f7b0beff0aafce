"""Labels, assignees and work in progress, mapped by configuration, over real HTTP."""

from __future__ import annotations

from tests.practice.conftest import YardMaker

TEXT = """# Plan

## Alpha

| ID | Task | Status | Priority | Owner |
|---|---|---|---|---|
| AUD-1 | Log in | In Progress | P1 | Ada Lovelace |
| AUD-2 | Log out | Pending | P2 | @tm/core |

## Beta

- [ ] Write the parser @ada #parser
- [ ] Fix #3
"""
LABELS = {"priority": {"p1": "urgent"}, "tag": "area: {}", "stage": "stage: {}", "started": "doing"}
MEMBERS = {"Ada Lovelace": "ada", "ada": {"main": "ada"}}


def test_what_lines_say_is_on_their_issues_and_follows_them(yard: YardMaker) -> None:
    team = yard(TEXT, labels=LABELS, members=MEMBERS)
    team.side.user("ada", role="write")
    team.settled()
    log_in, log_out = team.issue("AUD-1: Log in"), team.issue("AUD-2: Log out")
    parser = next(each for each in team.repository.issues() if each.title.startswith("Write the parser"))
    mention = next(each for each in team.repository.issues() if each.title.startswith("Fix"))
    assert log_in.labels == {"roadmap", "urgent", "stage: Alpha", "doing"}
    assert log_in.assignees == {"ada"}
    assert log_out.labels == {"roadmap", "stage: Alpha"}
    assert log_out.assignees == frozenset()
    assert parser.labels == {"roadmap", "stage: Beta", "area: parser"}
    assert parser.assignees == {"ada"}
    assert mention.labels == {"roadmap", "stage: Beta"}
    assert mention.assignees == frozenset()

    # People's own labels and assignees stay, and so does what they took off.
    log_in.label("blocked")
    log_in.unlabel("urgent")
    parser.assign()
    team.edit("| P1 | Ada Lovelace |", "| P1 | |")
    team.edit("@ada #parser", "@ada #lexer")
    team.settled()
    assert log_in.labels == {"roadmap", "stage: Alpha", "doing", "blocked"}
    assert log_in.assignees == frozenset()
    assert parser.labels == {"roadmap", "stage: Beta", "area: lexer"}
    assert parser.assignees == frozenset()


def test_work_in_progress_goes_both_ways(yard: YardMaker) -> None:
    team = yard(TEXT, labels={"started": "doing"})
    team.settled()
    team.issue("AUD-2: Log out").label("doing")
    team.issue("AUD-1: Log in").unlabel("doing")
    team.settled()
    wanted = TEXT.replace("Log in | In Progress", "Log in | Pending")
    assert team.text() == wanted.replace("Log out | Pending", "Log out | In Progress")

    team.issue("AUD-2: Log out").unlabel("doing")
    team.settled()
    assert team.text() == wanted
    team.edit("Log in | Pending", "Log in | In Progress")
    team.settled()
    assert "doing" in team.issue("AUD-1: Log in").labels


def test_an_account_without_access_is_told_once(yard: YardMaker) -> None:
    """GitHub leaves such an account out without a word; GitLab's free edition keeps one assignee of two."""
    team = yard(
        TEXT.replace("Write the parser @ada", "Write the parser @ada @bob"),
        members={"ada": "ada", "bob": "bob"},
    )
    if team.kind == "gitlab":
        team.side.user("ada", role="write")
        team.side.user("bob", role="write")
    report = team.settled()
    told = [each.detail for each in report.remarks]
    assert len(told) == 1
    assert "did not assign" in told[0]
    team.edit("- [ ] Fix #3", "- [ ] Fix #3 @nobody")
    team.settled()
