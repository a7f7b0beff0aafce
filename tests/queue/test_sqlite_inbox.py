"""The inbox of one process: nothing is lost, everything is told once."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.errors import ConfigError
from syncer.queue.inbox import Reason, Wake
from syncer.queue.sqlite import SqliteInbox, leave


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[SqliteInbox]:
    made = SqliteInbox(tmp_path / "inbox.db")
    yield made
    made.close()


def test_many_wake_ups_of_one_project_are_one(inbox: SqliteInbox) -> None:
    inbox.put([Wake("rune", Reason.SCHEDULE), Wake("rune", Reason.WEBHOOK), Wake("rune", Reason.WEBHOOK)])

    (waiting,) = inbox.waiting()

    assert (waiting.project, waiting.number, waiting.reasons) == ("rune", 3, ("schedule", "webhook"))


def test_a_wake_up_during_a_sync_is_kept_for_one_more(inbox: SqliteInbox) -> None:
    inbox.put([Wake("rune", Reason.WEBHOOK)])
    taken = inbox.look("rune")
    assert taken is not None
    inbox.put([Wake("rune", Reason.WEBHOOK)])

    assert inbox.done("rune", taken.number)
    left = inbox.look("rune")
    assert left is not None
    assert not inbox.done("rune", left.number)
    assert inbox.waiting() == ()


def test_a_complete_listing_asked_for_during_a_sync_is_not_answered_by_it(inbox: SqliteInbox) -> None:
    inbox.put([Wake("rune", Reason.AUDIT, full=True)])
    taken = inbox.look("rune")
    assert taken is not None
    assert taken.full
    inbox.put([Wake("rune", Reason.WEBHOOK)])
    inbox.done("rune", taken.number)
    after_an_event = inbox.look("rune")
    inbox.put([Wake("rune", Reason.AUDIT, full=True)])
    after_an_audit = inbox.look("rune")

    assert after_an_event is not None
    assert not after_an_event.full
    assert after_an_audit is not None
    assert after_an_audit.full


def test_a_delivery_counts_as_handled_only_after_a_sync_that_followed_it(inbox: SqliteInbox) -> None:
    inbox.put([Wake("rune", Reason.WEBHOOK, delivery="d1")])
    taken = inbox.look("rune")
    assert taken is not None
    inbox.put([Wake("rune", Reason.WEBHOOK, delivery="d2")])
    assert ("d1", "rune") not in inbox.handled(["d1"])

    inbox.done("rune", taken.number)

    assert ("d1", "rune") in inbox.handled(["d1"])
    assert ("d2", "rune") not in inbox.handled(["d2"])
    assert ("d1", "other") not in inbox.handled(["d1"])


def test_events_about_a_few_issues_are_about_all_of_them_together(inbox: SqliteInbox) -> None:
    inbox.put([Wake("rune", Reason.WEBHOOK, issue=4), Wake("rune", Reason.WEBHOOK, issue=41)])
    inbox.put([Wake("rune", Reason.WEBHOOK, issue=4), Wake("rune", Reason.WEBHOOK, issue=1)])

    assert _about(inbox) == {1, 4, 41}


@pytest.mark.parametrize(
    "more",
    [
        [Wake("rune", Reason.WEBHOOK)],
        [Wake("rune", Reason.SCHEDULE)],
        [Wake("rune", Reason.AUDIT, full=True)],
        [Wake("rune", Reason.AUDIT, full=True, issue=4)],
        [Wake("rune", Reason.WEBHOOK, issue=number) for number in range(2, 5)],
    ],
)
def test_anything_else_beside_them_is_about_everything(inbox: SqliteInbox, more: list[Wake]) -> None:
    inbox.put([Wake("rune", Reason.WEBHOOK, issue=1), *more])
    assert _about(inbox) == set()

    inbox.put([Wake("rune", Reason.WEBHOOK, issue=1)])
    assert _about(inbox) == set()
    inbox.put([*more, Wake("other", Reason.WEBHOOK, issue=1)])
    assert _about(inbox, "other") == {1}


def test_an_event_during_a_sync_is_about_its_issue_at_least(inbox: SqliteInbox) -> None:
    inbox.put([Wake("rune", Reason.WEBHOOK, issue=1)])
    taken = inbox.look("rune")
    assert taken is not None
    inbox.put([Wake("rune", Reason.WEBHOOK, issue=2)])

    assert inbox.done("rune", taken.number)
    assert 2 in _about(inbox)


def test_an_inbox_of_the_version_before_is_taken_over(tmp_path: Path) -> None:
    made = SqliteInbox(tmp_path / "old.db")
    made.put([Wake("rune", Reason.WEBHOOK, delivery="d1")])
    made.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.execute("ALTER TABLE wakes DROP COLUMN issues")
        old.execute("PRAGMA user_version=1")

    made = SqliteInbox(tmp_path / "old.db")

    assert _about(made) == set()
    assert [each.project for each in made.waiting()] == ["rune"]
    made.put([Wake("other", Reason.WEBHOOK, issue=3)])
    assert _about(made, "other") == {3}
    made.close()


def _about(inbox: SqliteInbox, project: str = "rune") -> set[int]:
    waiting = inbox.look(project)
    assert waiting is not None
    return set(waiting.issues)


def test_old_deliveries_are_forgotten(inbox: SqliteInbox) -> None:
    inbox.put([Wake("rune", Reason.WEBHOOK, delivery="d1")])
    inbox.done("rune", 1)

    assert inbox.tidy(older_than=0) == 0
    assert inbox.tidy(older_than=1e12) == 1
    assert ("d1", "rune") not in inbox.handled(["d1"])


def test_projects_that_are_gone_leave_nothing(inbox: SqliteInbox) -> None:
    inbox.put([Wake("rune", Reason.WEBHOOK, delivery="d1"), Wake("other", Reason.START)])

    inbox.drop(["rune"])

    assert [each.project for each in inbox.waiting()] == ["other"]


def test_another_process_can_leave_a_wake_up_for_the_daemon(inbox: SqliteInbox, tmp_path: Path) -> None:
    inbox.touched()
    inbox.put([Wake("own", Reason.WEBHOOK)])
    assert not inbox.touched()

    assert leave(tmp_path / "inbox.db", [Wake("rune", Reason.REQUEST)])

    assert inbox.touched()
    assert not inbox.touched()
    assert {each.project for each in inbox.waiting()} == {"own", "rune"}


def test_nothing_is_left_where_no_daemon_has_an_inbox(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"no database at all")

    assert not leave(tmp_path / "inbox.db", [Wake("rune", Reason.REQUEST)])
    assert not leave(tmp_path / "other.db", [Wake("rune", Reason.REQUEST)])
    assert not (tmp_path / "inbox.db").exists()


def test_two_daemons_cannot_share_an_inbox(inbox: SqliteInbox, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="another syncer serves"):
        SqliteInbox(tmp_path / "inbox.db")


def test_an_inbox_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    made = SqliteInbox(tmp_path / "inbox.db")
    made._connection.execute("PRAGMA user_version=7")
    made.close()

    with pytest.raises(ConfigError, match="format 7"):
        SqliteInbox(tmp_path / "inbox.db")


def test_what_was_put_survives_kill_9(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from syncer.queue.inbox import Reason, Wake\n"
        "from syncer.queue.sqlite import SqliteInbox\n"
        "inbox = SqliteInbox(Path(sys.argv[1]))\n"
        "for number in range(10**6):\n"
        "    inbox.put([Wake(f'p{number}', Reason.WEBHOOK, delivery=str(number))])\n"
        "    os.write(1, f'{number}\\n'.encode())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "inbox.db")], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline() for _ in range(50)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += process.stdout.read().splitlines(keepends=True)
    process.wait()
    process.stdout.close()

    inbox = SqliteInbox(tmp_path / "inbox.db")
    kept = {each.project for each in inbox.waiting()}
    inbox.close()

    told = {f"p{int(line)}" for line in acknowledged if line.endswith(b"\n")}
    assert len(told) >= 50
    assert told <= kept
    assert len(kept) <= len(told) + 1


def test_many_threads_lose_no_wake_up(inbox: SqliteInbox) -> None:
    def work() -> None:
        for _ in range(50):
            inbox.put([Wake("rune", Reason.WEBHOOK)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    waiting = inbox.look("rune")
    assert waiting is not None
    assert waiting.number == 200


@settings(max_examples=25)
@given(steps=st.lists(st.sampled_from(["put", "take", "finish"]), max_size=40))
def test_in_any_order_of_events_and_syncs_every_event_is_followed_by_a_sync_that_began_after_it(
    steps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    inbox = SqliteInbox(tmp_path_factory.mktemp("inbox") / "inbox.db")
    put, taken, covered = 0, None, 0
    taken_at = 0
    for step in [*steps, "finish", "take", "finish"]:
        if step == "put":
            inbox.put([Wake("rune", Reason.WEBHOOK)])
            put += 1
        elif step == "take" and taken is None:
            taken, taken_at = inbox.look("rune"), put
            # Nothing is waiting exactly if everything that came is covered.
            assert (taken is None) == (covered == put)
        elif step == "finish" and taken is not None:
            more = inbox.done("rune", taken.number)
            covered, taken = taken_at, None
            assert more == (covered < put)
    inbox.close()
