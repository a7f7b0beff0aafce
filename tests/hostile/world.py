"""A team in which people do anything at any time, and an account of what they did.

The account is kept from what people do and from what anybody can see, never from the ledger.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any

from syncer.ledger.memory import MemoryLedger
from syncer.model.fields import TaskState
from syncer.model.ledger import LedgerState
from syncer.model.plan import Plan
from syncer.reconcile.block import read_block, replace_block
from syncer.service.cycle import Cycle, Orders
from syncer.service.project import Project
from syncer.service.report import RunReport
from tests.hostile.interference import Event, Interference, Killed, Watched
from tests.team import Quiet, Team

BOT = "syncer-bot"
PATH = "TODO.md"
START = """# Plan

Written by hand; two blanks end this line.{blanks}

## Phase 1: Ground

- [ ] Weld the frame of the rover
- [ ] Fit the valves
  - which are in the blue box

## Phase 2: Flight

- [ ] Paint the nose cone
* [ ] Check the seals

## Later

- [ ] Write the log book
""".format(blanks="  ")
TITLES = (
    "Order more kerosene",
    "Teach the parser about tables",
    "Invite the neighbours",
    "Find out why it smells",
    "Replace all forty bolts",
    "Check the seals",
    "Draw a map of the pad",
    "Ask Bob",
)
_TASK = re.compile(r"^(?P<lead>\s*[-*] \[)(?P<mark>[ xX-])(?P<mid>\] )(?P<title>.*)$")


@dataclass
class Line:
    """A line of the roadmap, and who it is."""

    text: str
    key: int

    @property
    def task(self) -> re.Match[str] | None:
        return _TASK.match(self.text)

    @property
    def title(self) -> str:
        match = self.task
        return match["title"] if match else ""

    @property
    def state(self) -> TaskState:
        match = self.task
        mark = match["mark"] if match else " "
        return {" ": TaskState.OPEN, "-": TaskState.DROPPED}.get(mark, TaskState.DONE)


@dataclass
class Account:
    """What people did since both sides were last seen to agree, by line and by issue.

    Args:
        boxes: lines whose box somebody set.
        texts: lines whose text somebody changed.
        rewritten: those of them that got quite another text.
        moved: lines that stand elsewhere.
        twins: texts that several lines had at the same time.
        copied: lines that have, or had, a copy.
        states: issues that somebody closed or reopened.
        titles: issues that somebody retitled.
        lost: whether the ledger was lost.
        spoilt: whether something happened after which the ledger may say what is not true any more.
    """

    boxes: set[int] = field(default_factory=set)
    texts: set[int] = field(default_factory=set)
    rewritten: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)
    twins: set[str] = field(default_factory=set)
    copied: set[int] = field(default_factory=set)
    states: set[int] = field(default_factory=set)
    titles: set[int] = field(default_factory=set)
    lost: bool = False
    spoilt: bool = False


class HostileTeam(Team):
    """A team whose runs are interfered with."""

    def __init__(self) -> None:
        super().__init__(START)
        self.interference = Interference()
        self._keys: dict[str, list[int]] = {}
        self._next = 0
        self._keys[self.head] = [self._new_key() for _ in START.split("\n")]
        self.account = Account()
        self.backup: MemoryLedger | None = None
        self.hand = "alice"
        """The account that people use; it may be the one that syncer uses."""
        self.ever_lost = False
        self.restored = False
        """Whether the ledger is a backup, and no run has noticed yet."""
        self.seen_titles: dict[str, int] = {}
        self.retitled_to: dict[str, int] = {}
        self.foreign: dict[int, str] = {}
        """Of each issue, the text outside the managed block, as people left it."""
        self._count_titles()

    # -- runs --------------------------------------------------------------------------------------------

    @property
    def project(self) -> Project:
        plain = super().project
        return dataclasses.replace(
            plain,
            documents=Watched(plain.documents, self.interference),
            trackers=tuple(Watched(tracker, self.interference) for tracker in plain.trackers),
        )

    def hostile_run(self, events: list[Event], orders: Orders | None = None) -> RunReport | None:
        """One run in which things happen; ``None`` if the process died."""
        self.clock.pass_time(7)
        self.interference.begin(events)
        known = _Restored(self.ledger) if self.restored else self.ledger
        ledger = Watched(known, self.interference)
        try:
            report = Cycle(ledger, self.clock, self.ids, Quiet()).run(self.project, orders)
            self.restored = self.restored and report.dry
            return report
        except Killed:
            return None
        finally:
            self.interference.events = []
            self._follow_commits()

    def quiet_plan(self) -> Plan:
        """What a run would do now."""
        report = self.hostile_run([], Orders(dry=True))
        assert report is not None
        assert report.problem is None, report.problem
        assert report.plan is not None
        return report.plan

    # -- the roadmap -------------------------------------------------------------------------------------

    @property
    def head(self) -> str:
        return self.repo.branches["main"]

    @property
    def lines(self) -> list[Line]:
        """The lines of the roadmap at the branch's head."""
        self._follow_commits()
        texts = self.repo.file(PATH).decode().split("\n")
        return [Line(text, key) for text, key in zip(texts, self._keys[self.head], strict=True)]

    @property
    def tasks(self) -> list[Line]:
        return [line for line in self.lines if line.task]

    def put_lines(self, lines: list[Line]) -> None:
        """Somebody pushes the file with these lines."""
        keys = [line.key for line in lines]
        self.write("\n".join(line.text for line in lines), PATH)
        self._keys[self.head] = keys
        self._count_titles()

    def new_line(self, text: str) -> Line:
        return Line(text, self._new_key())

    def _new_key(self) -> int:
        self._next += 1
        return self._next

    def _follow_commits(self) -> None:
        """Our own commits change texts within lines and never a line's place; that is asserted."""
        missing: list[str] = []
        here = self.head
        while here not in self._keys:
            missing.append(here)
            here = self.repo.commits[here].parent
        for revision in reversed(missing):
            commit = self.repo.commits[revision]
            before = self.repo.commits[commit.parent].files[PATH][1].decode().split("\n")
            after = commit.files[PATH][1].decode().split("\n")
            _only_our_spans(before, after)
            self._keys[revision] = list(self._keys[commit.parent])
        self._count_titles()

    def _count_titles(self) -> None:
        """How many lines ever had a text at the same time."""
        counts: dict[str, int] = {}
        for text in self.repo.file(PATH).decode().split("\n"):
            match = _TASK.match(text)
            if match:
                counts[match["title"]] = counts.get(match["title"], 0) + 1
        for title, count in counts.items():
            self.seen_titles[title] = max(self.seen_titles.get(title, 0), count)
            if count > 1:
                self.account.twins.add(title)

    # -- people at the roadmap ---------------------------------------------------------------------------

    def set_box(self, pick: int, mark: str) -> None:
        lines = self.lines
        tasks = [line for line in lines if line.task]
        if not tasks:
            return
        line = tasks[pick % len(tasks)]
        match = line.task
        assert match
        text = f"{match['lead']}{mark}{match['mid']}{match['title']}"
        if text != line.text:
            line.text = text
            self.account.boxes.add(line.key)
            self.put_lines(lines)

    def reword(self, pick: int, title: str) -> None:
        lines = self.lines
        tasks = [line for line in lines if line.task]
        if not tasks:
            return
        line = tasks[pick % len(tasks)]
        match = line.task
        assert match
        # One small change is followed for certain; several on top of each other are another text.
        if title or line.key in self.account.texts:
            self.account.rewritten.add(line.key)
        self.account.texts.add(line.key)
        line.text = f"{match['lead']}{match['mark']}{match['mid']}{title or match['title'] + ' again'}"
        self.put_lines(lines)

    def move(self, pick: int, to: int) -> None:
        lines = self.lines
        tasks = [line for line in lines if line.task]
        places = [at for at, line in enumerate(lines) if line.text.startswith("## ")]
        if not tasks or not places:
            return
        line = tasks[pick % len(tasks)]
        lines.remove(line)
        places = [at for at, each in enumerate(lines) if each.text.startswith("## ")]
        lines.insert(places[to % len(places)] + 2, line)
        self.account.moved.add(line.key)
        self.put_lines(lines)

    def delete_line(self, pick: int) -> None:
        lines = self.lines
        tasks = [line for line in lines if line.task]
        if len(tasks) < 3:
            return
        lines.remove(tasks[pick % len(tasks)])
        self.put_lines(lines)

    def copy_line(self, pick: int) -> None:
        lines = self.lines
        tasks = [line for line in lines if line.task]
        if not tasks:
            return
        line = tasks[pick % len(tasks)]
        lines.insert(lines.index(line) + 1, self.new_line(line.text))
        self.account.copied.add(line.key)
        self.put_lines(lines)

    def add_line(self, to: int, title: str) -> None:
        lines = self.lines
        places = [at for at, line in enumerate(lines) if line.text.startswith("## ")]
        if places:
            lines.insert(places[to % len(places)] + 2, self.new_line(f"- [ ] {title}"))
            self.put_lines(lines)

    def rename_heading(self, pick: int, word: str) -> None:
        lines = self.lines
        headings = [line for line in lines if line.text.startswith("## Phase")]
        if headings:
            heading = headings[pick % len(headings)]
            heading.text = heading.text.split(":")[0] + f": {word}"
            self.put_lines(lines)

    def edit_prose(self) -> None:
        lines = self.lines
        lines[2].text += "!"
        self.put_lines(lines)

    def force_push(self, pick: int) -> None:
        """Somebody lets the branch point at an older commit of its history."""
        history = []
        here = self.head
        while here:
            history.append(here)
            here = self.repo.commits[here].parent
        self.repo.branches["main"] = history[pick % len(history)]

    # -- people at the tracker ---------------------------------------------------------------------------

    @property
    def live(self) -> list[int]:
        """The numbers of the issues that are there, whatever the lists say."""
        return sorted(number for number, versions in self.repo.issues.items() if versions[-1][1] is not None)

    def _pick(self, pick: int) -> int | None:
        live = self.live
        return live[pick % len(live)] if live else None

    def put_issue(self, pick: int, state: TaskState) -> None:
        number = self._pick(pick)
        if number is None or self.repo.issue(number).state is state:
            return
        self.account.states.add(number)
        if self.repo.issue(number).state is not TaskState.OPEN:
            self.repo.reopen(number, by=self.hand)
        if state is not TaskState.OPEN:
            self.repo.close(number, by=self.hand, dropped=state is TaskState.DROPPED)

    def retitle(self, pick: int, title: str) -> None:
        number = self._pick(pick)
        if number is None:
            return
        title = title or self.repo.issue(number).title + " soon"
        self.account.titles.add(number)
        self.retitled_to[title] = self.retitled_to.get(title, 0) + 1
        self.repo.retitle(number, title, by=self.hand)

    def write_outside(self, pick: int) -> None:
        number = self._pick(pick)
        if number is None:
            return
        issue = self.repo.issue(number)
        self.repo.change(number, body=f"Seen by Bob.\n\n{issue.body}\n\nAnd below.")
        self.foreign[number] = outside(self.repo.issue(number).body)

    def write_inside(self, pick: int) -> None:
        number = self._pick(pick)
        if number is None:
            return
        body = self.repo.issue(number).body
        self.repo.change(number, body=body.replace("\n<!-- syncer:end", "\nBob was here.\n<!-- syncer:end"))

    def delete_issue(self, pick: int) -> None:
        number = self._pick(pick)
        if number is not None and len(self.live) > 2:
            self.repo.delete(number)

    def open_issue(self, title: str) -> None:
        number = self.repo.open(title, "Somebody's own.")
        self.foreign[number] = outside("Somebody's own.")

    def copy_issue(self, pick: int) -> None:
        """Somebody copies an issue with its body, marker and all."""
        number = self._pick(pick)
        if number is not None:
            issue = self.repo.issue(number)
            self.repo.open(issue.title, issue.body)
            self.retitled_to[issue.title] = self.retitled_to.get(issue.title, 0) + 1

    def rename_milestone(self, pick: int, word: str) -> None:
        milestones = self.milestones()
        if milestones:
            milestone = milestones[pick % len(milestones)]
            title = milestone.title.split(":")[0] + f": {word}"
            if all(each.title != title for each in milestones):
                self.repo.change_milestone(milestone.key, title=title)

    def close_milestone(self, pick: int, *, closed: bool) -> None:
        milestones = self.milestones()
        if milestones:
            self.repo.change_milestone(milestones[pick % len(milestones)].key, closed=closed)

    def set_milestone(self, pick: int, to: int) -> None:
        number, milestones = self._pick(pick), self.milestones()
        if number is not None and milestones:
            self.repo.change(number, milestone=milestones[to % len(milestones)].key)


class _Restored:
    """A ledger that says of itself that it had come further once, as the one on a disk can tell."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._ledger = ledger

    def load(self, project: str) -> LedgerState:
        return dataclasses.replace(self._ledger.load(project), restored=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def outside(body: str) -> str:
    """The part of a body that is people's."""
    return replace_block(body, "") if read_block(body).marker is not None else body


def _only_our_spans(before: list[str], after: list[str]) -> None:
    """A commit of ours changes boxes, titles of tasks, and headings; every other character stays."""
    assert len(before) == len(after), "a commit of ours changed the number of lines"
    for old, new in zip(before, after, strict=True):
        if old == new:
            continue
        left, right = _TASK.match(old), _TASK.match(new)
        if left and right:
            assert (left["lead"], left["mid"]) == (right["lead"], right["mid"]), (old, new)
        else:
            assert (old[:3], new[:3]) == ("## ", "## "), (old, new)
