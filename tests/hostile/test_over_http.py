"""The same kind of histories over real HTTP: what people do, and a forge that loses, lies and limits.

Every item has a number of its own in its text, so that which line and which issue belong together is
plain to see, whatever either of them is called at the moment.
"""

from __future__ import annotations

import itertools
import re
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from syncer.model.plan import Plan
from syncer.sandbox import Fault, IssueHandle, Sandbox
from syncer.service.cycle import Orders
from tests.crash.rig import KINDS, Killed, Rig, Wire, wire

START = """# Plan

Prose with two blanks at its end.{blanks}

## Phase 1: Ground

- [ ] Part 1 of the rover
- [ ] Part 2 of the rover
* [ ] Part 3 of the rover

## Phase 2: Flight

- [ ] Part 4 of the rover
- [ ] Part 5 of the rover
""".format(blanks="  ")
FAULTS = (
    "lose_answer",
    "bad_gateway_before",
    "bad_gateway_after",
    "reset",
    "truncate",
    "unavailable",
    "html",
    "empty_list",
    "partial_list",
    "stale_list",
    "too_many_requests",
    "secondary_limit",
    "accepted",
)
_PART = re.compile(r"Part (\d+)\b")
_TASK = re.compile(r"^([-*] \[)([ xX])(\] )(Part (\d+)\b.*)$")

pick = st.integers(0, 6)


class OverHttp(RuleBasedStateMachine):
    """People, and one forge of a sandbox."""

    sandbox: ClassVar[Sandbox]
    watched: ClassVar[Wire]
    directory: ClassVar[Path]
    kind: ClassVar[str]
    numbers: ClassVar[itertools.count[int]]

    @initialize()
    def begin(self) -> None:
        name = f"h{next(self.numbers)}"
        self.rig = Rig(self.sandbox, self.kind, self.directory, name, {"TODO.md": START.encode()})
        self.lost = False
        self.words = itertools.count(1)
        self.parts = itertools.count(6)
        self.rig.run()
        self.sandbox.clock.advance(5)

    # -- people ------------------------------------------------------------------------------------------

    def _lines(self) -> list[str]:
        return self.rig.repository.file("TODO.md").decode().split("\n")

    def _push(self, lines: list[str]) -> None:
        data = "\n".join(lines).encode()
        if data != self.rig.repository.file("TODO.md"):
            self.rig.repository.commit({"TODO.md": data}, by="dave")

    def _change_line(self, one: int, change: Callable[[re.Match[str]], str]) -> None:
        lines = self._lines()
        tasks = [at for at, line in enumerate(lines) if _TASK.match(line)]
        if tasks:
            at = tasks[one % len(tasks)]
            match = _TASK.match(lines[at])
            assert match
            lines[at] = change(match)
            self._push(lines)

    def _issue(self, one: int) -> IssueHandle | None:
        issues = self.rig.repository.issues()
        return issues[one % len(issues)] if issues else None

    @rule(one=pick, mark=st.sampled_from([" ", "x"]))
    def set_box(self, one: int, mark: str) -> None:
        self._change_line(one, lambda match: f"{match[1]}{mark}{match[3]}{match[4]}")

    @rule(one=pick)
    def reword(self, one: int) -> None:
        self._change_line(one, lambda match: f"{match[0]} v{next(self.words)}")

    @rule(to=st.booleans())
    def add_line(self, to: bool) -> None:
        lines = self._lines()
        at = next(
            at for at, line in enumerate(lines) if line.startswith("## Phase 1" if to else "## Phase 2")
        )
        lines.insert(at + 2, f"- [ ] Part {next(self.parts)} of the rover")
        self._push(lines)

    @rule(one=pick, to=st.booleans())
    def move_line(self, one: int, to: bool) -> None:
        lines = self._lines()
        tasks = [line for line in lines if _TASK.match(line)]
        line = tasks[one % len(tasks)]
        lines.remove(line)
        at = next(
            at for at, each in enumerate(lines) if each.startswith("## Phase 1" if to else "## Phase 2")
        )
        lines.insert(at + 2, line)
        self._push(lines)

    @rule(one=pick)
    def close(self, one: int) -> None:
        if (issue := self._issue(one)) is not None:
            issue.close(by="alice")

    @rule(one=pick)
    def reopen(self, one: int) -> None:
        if (issue := self._issue(one)) is not None and issue.state == "closed":
            issue.reopen(by="alice")

    @rule(one=pick)
    def retitle(self, one: int) -> None:
        if (issue := self._issue(one)) is not None:
            issue.retitle(f"{issue.title} r{next(self.words)}", by="alice")

    @rule(one=pick)
    def write_below(self, one: int) -> None:
        if (issue := self._issue(one)) is not None:
            issue.edit_body(f"{issue.body}\n\nBob was here.\n", by="bob")

    @rule()
    def open_own(self) -> None:
        self.rig.repository.open_issue("Somebody's own", "Hello.", by="alice")

    @rule(seconds=st.sampled_from([0, 3, 60]))
    def wait(self, seconds: int) -> None:
        self.sandbox.clock.advance(seconds)

    @rule()
    def lose_ledger(self) -> None:
        self.lost = True
        for path in self.directory.glob(f"{self.kind}-{self.rig.name}.db*"):
            if path.is_file():
                path.unlink()

    # -- syncer ------------------------------------------------------------------------------------------

    @rule(do=st.sampled_from(FAULTS), nth=st.integers(1, 25), times=st.integers(1, 3))
    def run_with_fault(self, do: str, nth: int, times: int) -> None:
        self.sandbox.faults.add(Fault(do, forge=self.kind, nth=nth, times=times, seconds=30))
        try:
            self.rig.run()
        finally:
            self.sandbox.faults.clear()

    @rule(at=st.integers(1, 25), after=st.booleans())
    def run_and_die(self, at: int, after: bool) -> None:
        self.watched.arm(at, after=after)
        try:
            self.rig.run()
        except Killed:
            pass
        finally:
            self.watched.disarm()

    @rule()
    def settle(self) -> None:
        rig = self.rig
        self.sandbox.clock.advance(60)
        for number in range(8):
            report = rig.run(Orders(approve=True, full=number % 2 == 1))
            plan = rig.plan()
            if number % 2 and report.problem is None and not report.failures and not plan.actions:
                break
        else:
            raise AssertionError(
                f"it does not come to rest: {report.problem}, {report.failures}, {plan.actions}"
            )
        self._judge(plan)

    def teardown(self) -> None:
        if hasattr(self, "rig"):
            self.settle()

    def _judge(self, plan: Plan) -> None:
        issues: dict[str, list[IssueHandle]] = {}
        for issue in self.rig.repository.issues():
            if (match := _PART.search(issue.title)) and issue.author != "alice":
                issues.setdefault(match[1], []).append(issue)
        if self.lost:
            # A closed issue that no line explains does not keep an open line from getting one of its own.
            for part, found in issues.items():
                issues[part] = [issue for issue in found if issue.state == "open"] or found[-1:]
        counts = Counter({part: len(found) for part, found in issues.items()})
        assert all(count == 1 for count in counts.values()), f"more than one issue for a part: {counts}"
        text = self._lines()
        assert text[2] == "Prose with two blanks at its end.  "
        held = {hold.subject.number for hold in plan.holds} | {hold.subject.line for hold in plan.holds}
        for at, line in enumerate(text, start=1):
            match = _TASK.match(line)
            if match is None:
                continue
            found = issues.get(match[5], [])
            if not found:
                assert match[2] != " " or at in held, f"{line!r} has no issue, and nobody is told"
                continue
            (issue,) = found
            if at in held or issue.number in held:
                continue
            assert issue.title == match[4]
            assert (issue.state == "closed") == (match[2] != " "), f"the sides of {line!r} disagree"


@pytest.mark.thorough
@pytest.mark.parametrize("kind", KINDS)
def test_no_history_over_http_loses_an_edit_or_makes_a_duplicate(
    kind: str, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    with Sandbox() as sandbox, wire(monkeypatch) as watched, tempfile.TemporaryDirectory() as directory:
        OverHttp.sandbox, OverHttp.watched, OverHttp.kind = sandbox, watched, kind
        OverHttp.directory, OverHttp.numbers = Path(directory), itertools.count(1)
        run_state_machine_as_test(
            OverHttp,
            settings=settings(max_examples=300, stateful_step_count=20, report_multiple_bugs=False),
        )
        record_property("histories", next(OverHttp.numbers) - 1)
