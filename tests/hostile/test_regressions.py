"""Histories that once went wrong, each as short as it gets."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from syncer.forges.memory.world import MemoryRepository
from syncer.model.fields import TaskState
from syncer.service.cycle import Orders
from tests.hostile.interference import Event
from tests.hostile.oracle import Oracle, Tally
from tests.hostile.world import BOT, PATH, HostileTeam
from tests.team import Team


def _synced() -> tuple[HostileTeam, Oracle]:
    team = HostileTeam()
    oracle = Oracle(team, Tally())
    oracle.settle()
    return team, oracle


def _ours(team: HostileTeam) -> list[str]:
    return sorted(
        team.repo.issue(number).title for number in team.live if team.repo.issue(number).author == BOT
    )


def test_an_empty_list_after_the_ledger_was_lost_is_no_empty_tracker() -> None:
    """The first look of an installation that remembers nothing sees nothing; it creates nothing."""
    for lie in ("empty", "partial"):
        for at in range(1, 9):
            team, oracle = _synced()
            before = _ours(team)
            # The oldest issue is the one that changed last, so that nothing newer leads to the others.
            team.write_outside(0)
            team.lose_ledger()
            team.hostile_run([Event(at, True, lie)])
            oracle.settle()
            assert _ours(team) == before


def test_a_list_that_stops_before_a_gap_is_not_believed_either() -> None:
    team, oracle = _synced()
    team.delete_issue(2)
    for at in range(1, 12):
        team.lose_ledger()
        team.hostile_run([Event(at, True, "partial")])
    oracle.settle()
    assert len(_ours(team)) == len(set(_ours(team))) == len(team.tasks)


def test_a_heading_that_was_renamed_when_the_ledger_was_lost_keeps_its_milestone() -> None:
    team, oracle = _synced()
    team.lose_ledger()
    team.rename_heading(0, "Ascent")

    oracle.settle()

    assert sorted(each.title for each in team.milestones()) == ["Phase 1: Ground", "Phase 2: Flight"]
    assert any(hold.subject.title == "Phase 1: Ascent" for hold in team.quiet_plan().holds)


def test_two_stages_that_swap_their_names_are_held_and_not_tried_for_ever() -> None:
    team, oracle = _synced()
    team.repo.add_milestone("Phase 1: Ascent")
    team.rename_heading(0, "Ascent")

    oracle.settle()

    assert "title-taken" in {hold.code for hold in team.quiet_plan().holds}
    assert "Phase 1: Ground" in {each.title for each in team.milestones()}


def test_a_line_that_was_followed_once_is_followed_again_while_another_is_unclear() -> None:
    """A line bound in the same run stood between it and its old neighbours, and made it a new one."""
    team, oracle = _synced()
    team.reword(0, "Check the seals")
    team.reword(1, "Invite the neighbours")
    team.reword(2, "")
    team.reword(4, "Replace all forty bolts")
    team.rename_heading(0, "Ascent")
    team.rename_heading(1, "Ascent")

    oracle.settle()

    assert _ours(team).count("Paint the nose cone again") == 1


def test_one_of_two_equal_lines_that_moves_to_another_section_gets_no_second_issue() -> None:
    team, oracle = _synced()
    team.copy_line(4)
    oracle.settle()
    assert _ours(team).count("Write the log book") == 2
    team.move(5, 0)

    oracle.settle()

    assert _ours(team).count("Write the log book") == 2
    # The question stays until a person answers it, however often the file is looked at.
    assert "unclear" in {hold.code for hold in team.quiet_plan().holds}


def test_a_stale_list_of_the_same_second_reopens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forges tell the time in seconds: a list from before our close has the very time of the close."""
    team = Team("# Plan\n\n- [ ] Weld the frame\n")
    team.sync()
    team.repo.change(1, body=team.issue("Weld the frame").body + "\n")
    team.edit("[ ]", "[x]")
    team.clock.moment -= timedelta(seconds=60)  # so that the run begins in the very second of that edit
    team.run()
    assert team.issue("Weld the frame").state is TaskState.DONE
    (_created, edited, closed) = team.repo.issues[1][-3:]
    assert edited[1] is not None
    assert closed[1] is not None
    assert edited[1].updated_at == closed[1].updated_at
    stale = edited[1]
    with monkeypatch.context() as patch:
        patch.setattr(MemoryRepository, "listed", lambda _repository: (stale,))
        team.run()

    assert "- [x] Weld the frame" in team.text


def test_a_milestone_is_not_changed_again_while_a_change_has_no_answer() -> None:
    """The second change would make the first one look like somebody else's."""
    team, oracle = _synced()
    team.rename_heading(0, "Base")
    team.set_box(0, "x")
    team.set_box(1, "x")
    team.hostile_run(
        [
            Event(1, False, "fail", method="update_milestone"),
            Event(2, False, "edit", team.clock.pass_time, method="update_milestone"),
        ]
    )

    oracle.settle()

    assert team.quiet_plan().holds == ()
    assert ("Phase 1: Base", True) in [(each.title, each.closed) for each in team.milestones()]


def test_a_milestone_that_holds_an_open_issue_of_somebody_is_not_closed() -> None:
    team, oracle = _synced()
    team.repo.change(team.repo.open("Somebody's own"), milestone=1)
    team.set_box(0, "x")
    team.set_box(1, "x")

    oracle.settle()

    assert not team.repo.milestone(1).closed
    assert "milestone-in-use" in {hold.code for hold in team.quiet_plan().holds}


def test_a_commit_whose_answer_was_lost_does_not_make_a_reworded_line_a_new_one() -> None:
    """The ledger still knew the old text, and nothing about the new one resembled it."""
    for at in range(1, 40):
        team, oracle = _synced()
        team.retitle(1, "42")
        team.hostile_run([Event(at, True, "kill")])
        oracle.settle()
        assert _ours(team).count("42") == 1
        assert "Fit the valves" not in _ours(team)
        assert "- [ ] 42" in team.read(PATH)


def test_a_milestone_whose_stage_is_renamed_still_leads_to_its_line() -> None:
    team, oracle = _synced()
    team.rename_heading(0, "Ascent")
    oracle.settle()

    (milestone,) = (each for each in team.milestones() if each.title == "Phase 1: Ascent")
    assert "[`TODO.md :: Phase 1: Ascent`](https://" in milestone.description


def test_a_force_push_that_unticks_a_box_reopens_nothing_until_a_person_says_so() -> None:
    """Neither in the run that sees it, nor in any later one."""
    team, oracle = _synced()
    before = team.head
    team.put_issue(0, TaskState.DONE)
    oracle.settle()
    assert team.tasks[0].state is TaskState.DONE
    team.repo.branches["main"] = before

    for _ in range(3):
        team.hostile_run([])
        assert team.repo.issue(1).state is TaskState.DONE
    plan = team.quiet_plan()
    assert plan.actions == ()
    assert "history-rewritten" in {hold.code for hold in plan.holds}


def test_equal_titles_in_two_sections_survive_the_loss_of_the_ledger() -> None:
    """Identity is never the title alone: the marker says which place an issue was made for."""
    team, oracle = _synced()
    team.add_line(0, "Ask Bob")
    team.add_line(1, "Ask Bob")
    oracle.settle()
    before = {number: team.repo.issue(number).milestone for number in team.live}
    team.lose_ledger()

    oracle.settle()

    assert {number: team.repo.issue(number).milestone for number in team.live} == before
    assert team.quiet_plan().holds == ()


def test_a_list_that_shows_too_little_deletes_nothing() -> None:
    team, oracle = _synced()
    for lie in ("empty", "partial"):
        for at in range(1, 9):
            team.clock.pass_time(3600)
            team.write_outside(0)
            team.hostile_run([Event(at, True, lie)], Orders(full=True))
            assert team.quiet_plan().holds == ()
    oracle.settle()


def test_a_create_whose_answer_was_lost_is_found_although_lists_lag() -> None:
    """Its number is the next one, and a direct look at it does not lag."""
    for nth, how in product(range(1, 6), ("kill", "fail")):
        team = HostileTeam()
        team.repo.lag = 300
        team.hostile_run([Event(nth, True, how, method="create_issue")])
        team.hostile_run([])
        team.hostile_run([])
        assert len(_ours(team)) == len(set(_ours(team))) == len(team.tasks)


def test_an_issue_that_is_closed_right_after_its_create_was_lost_ticks_the_box() -> None:
    """What was sent is the base, so that the close is a change and no riddle."""
    team = HostileTeam()
    team.hostile_run([Event(1, True, "kill", method="create_issue")])
    team.put_issue(0, TaskState.DONE)

    team.hostile_run([])
    team.hostile_run([])

    assert team.tasks[0].state is TaskState.DONE
    assert team.quiet_plan().holds == ()


def test_a_line_that_resembles_an_unclear_one_waits_although_others_resemble_it_more() -> None:
    """Only the likeliest readings were held back, and the true one was taken for a new line."""
    team = Team("# Plan\n\n- [ ] Part 4 of the rover\n- [ ] Part 5 of the rover\n")
    team.settled()
    team.edit("- [ ] Part 4 of the rover\n", "- [ ] Part 6 of the rover\n- [ ] Part 4 of the rover v5 v9\n")

    team.settled()

    titles = [issue.title for issue in team.issues()]
    assert sum("Part 4" in title for title in titles) == 1


def test_a_milestone_is_not_asked_for_again_and_again_under_a_title_that_is_taken() -> None:
    team, oracle = _synced()
    team.repo.change_milestone(2, title="Phase 3: Return")
    lines = team.lines
    at = next(at for at, line in enumerate(lines) if line.text == "## Later")
    lines[at:at] = [team.new_line(each) for each in ("## Phase 3: Return", "", "- [ ] Ask Bob", "")]
    team.put_lines(lines)

    oracle.settle()


def test_a_reworded_line_is_not_mistaken_for_a_new_one_of_its_old_text_while_another_is_unclear() -> None:
    """The file's old version was kept for the unclear line, and with it the old text of the followed one."""
    team, oracle = _synced()
    team.copy_line(0)
    oracle.settle()
    team.move(0, 2)
    team.reword(3, "")
    team.set_box(3, "x")
    oracle.settle()
    assert "unclear" in {hold.code for hold in team.quiet_plan().holds}
    reworded = next(line.title for line in team.tasks if line.title.endswith("again"))
    number = team.number(reworded)
    team.add_line(1, reworded.removesuffix(" again"))

    oracle.settle()

    assert team.repo.issue(number).title == reworded
    assert team.repo.issue(number).state is TaskState.DONE


def test_a_new_line_that_says_what_another_said_at_the_time_of_the_backup_takes_no_issue_from_it() -> None:
    """The old ledger knows the issue by the line's former text, which a new line has now."""
    team, oracle = _synced()
    backup = team.copy_ledger()
    team.reword(3, "")
    oracle.settle()
    before = _ours(team)
    team.restore_ledger(backup)
    team.restored = team.account.lost = team.ever_lost = True
    team.add_line(1, "Check the seals")

    oracle.settle()

    assert _ours(team) == before
    assert [hold.subject.title for hold in team.quiet_plan().holds if hold.code == "unclear"] == [
        "Check the seals again"
    ]
