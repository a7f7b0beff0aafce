"""The demo's story, told step by step, and checked: what it shows has to be true."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from syncer.cli.demo.people import act
from syncer.cli.demo.stage import TEAM, Stage, set_up
from syncer.cli.progress import Bar, Silent
from syncer.cli.render import plan_lines, report_lines, totals
from syncer.cli.runs import Runs, run_projects
from syncer.model.document import ItemKind
from syncer.model.fields import Status, TaskState
from syncer.model.ledger import RunOutcome
from syncer.roadmap.parse import parse
from syncer.sandbox import Counts, IssueHandle, Sandbox
from syncer.service.cycle import Orders

_NAMES = {"github": "GitHub", "gitlab": "GitLab"}
_STEPS = 6
_AT_A_GLANCE = 20
"""A plan with no more changes than this is shown in full."""


@dataclass(slots=True)
class Teller:
    """Tells the story, on one kind of forge after the other.

    Args:
        forge: serves already.
        directory: for the configurations and the state.
        say: prints one line.
        title: prints a step's heading.
        progress: for the long runs.
        stop: set when the story shall end early.
        keep: whether the directory stays, so that the complete plans are written there.
    """

    forge: Sandbox
    directory: Path
    say: Callable[[str], None]
    title: Callable[[str], None]
    progress: Silent | Bar
    stop: threading.Event
    keep: bool
    _told: bool = field(default=False, init=False)
    _step: int = field(default=0, init=False)

    def tell(self, kind: str) -> list[str]:
        """Tell it all.

        Args:
            kind: ``github`` or ``gitlab``.

        Returns:
            What was not as it should be; empty if all was well.
        """
        self._step = 0
        stage = set_up(self.forge, kind, self.directory / kind)
        wrong: list[str] = []
        for step in (self._meet, self._plan, self._import, self._work, self._carry, self._rest):
            if self.stop.is_set():
                return ["stopped before the end"]
            wrong += [f"{_NAMES[kind]}: {problem}" for problem in step(stage)]
        self._told = True
        return wrong

    # -- the six steps -----------------------------------------------------------------------------------

    def _meet(self, stage: Stage) -> list[str]:
        self._begin(stage, "five teams, and a roadmap in the repository of each")
        self._explain("No issues yet, and no milestones. No two of the roadmaps are written alike:")
        width = max(len(project) for project in stage.repositories)
        for project, repository in stage.repositories.items():
            self.say(f"  {TEAM}/{project:<{width}}  {_seen(repository.file('TODO.md'))}")
        return []

    def _plan(self, stage: Stage) -> list[str]:
        self._begin(stage, "what would happen", "syncer run --dry-run")
        self._explain(
            "A dry run reads both sides and says what a run would do, and why. It cannot write: its",
            "connection refuses to. + creates, ~ changes, x finishes, o reopens, = uses what is there.",
        )
        self.forge.reset_counts()
        runs = self._run(stage, Orders(dry=True))
        texts: dict[str, list[str]] = {}
        for run in runs.runs:
            plan = run.report.plan
            if plan is None:
                self.say(f"{run.report.project}: {run.report.problem}")
                continue
            lines = list(plan_lines(plan, seconds=run.seconds))
            texts[run.report.project] = [f"{run.report.project}: {run.source}", *_indented(lines)]
            if len(plan.effects) > _AT_A_GLANCE or self._told:
                self.say(f"{run.report.project}: {totals(plan)}")
            else:
                for line in texts[run.report.project]:
                    self.say(line)
        if self.keep:
            file = stage.config.parent / "plans.txt"
            text = "\n\n".join("\n".join(lines) for lines in texts.values())
            file.write_text(text + "\n", encoding="utf-8")
            self.say(f"Every plan in full: {file}")
        else:
            self._explain("(`syncer demo --directory DIR` keeps every plan in full.)")
        counts = self.forge.count()
        self.say(_requests(counts))
        return ["the dry run wrote something"] if counts.changes else []

    def _import(self, stage: Stage) -> list[str]:
        self._begin(stage, "issues and milestones come into being", "syncer run")
        self._explain(
            "The plans are applied, except those that the guard holds: a plan that creates more than 50",
            "issues waits until a person has seen it.",
        )
        self.forge.reset_counts()
        runs = self._run(stage, Orders())
        held = [run.report for run in runs.runs if run.report.outcome is RunOutcome.HELD]
        for report in held:
            self.say(f"  {report.project} is held: {'; '.join(report.verdict.reasons)}")
        if held:
            self.say("")
            self.say(f"$ syncer run --approve --project {' --project '.join(r.project for r in held)}")
            runs.runs += self._run(stage, Orders(approve=True), [report.project for report in held]).runs
        width = max(len(project) for project in stage.repositories)
        for project, repository in stage.repositories.items():
            made = f"{len(repository.issues())} issues, {len(repository.milestones())} milestones"
            self.say(f"  {TEAM}/{project:<{width}}  {made}")
        self.say(_requests(self.forge.count()))
        if not self._told:
            self._show(stage)
        return [
            f"{run.report.project}: {run.report.problem}"
            for run in runs.runs
            if run.report.problem is not None
        ]

    def _work(self, stage: Stage) -> list[str]:
        self._begin(stage, "people work, on both sides")
        self._explain("Nobody tells syncer. It finds out by looking.")
        for line in act(stage):
            self.say(f"  {line}")
        return []

    def _carry(self, stage: Stage) -> list[str]:
        self._begin(stage, "one run carries all of it over", "syncer run")
        self._explain(
            "Ticked lines close their issues; closed and retitled issues become one commit in each roadmap,",
            "which changes the bytes that had to change and no others. What was closed as not planned stays",
            "an open box: that difference is remembered, not undone.",
        )
        before = {project: repository.file("TODO.md") for project, repository in stage.repositories.items()}
        for run in self._run(stage, Orders()).runs:
            if run.report.plan is None or not run.report.plan.actions:
                continue
            repository = stage.repositories[run.report.project]
            self.say(f"{run.report.project}: {run.source}")
            for line in _indented(report_lines(run.report, seconds=run.seconds)):
                self.say(line)
            self._diff(before[run.report.project], repository.file("TODO.md"))
        return []

    def _rest(self, stage: Stage) -> list[str]:
        self._begin(stage, "nothing is left to do", "syncer run")
        self._explain("A second run right after the first plans nothing and writes nothing.")
        self.forge.reset_counts()
        wrong = []
        for run in self._run(stage, Orders()).runs:
            plan = run.report.plan
            self.say(f"  {run.report.project}: {totals(plan) if plan is not None else run.report.problem}")
            if plan is None or plan.actions or plan.holds:
                wrong.append(f"{run.report.project}: the second run still had something to do")
        counts = self.forge.count()
        self.say(_requests(counts))
        if counts.changes:
            wrong.append("the second run wrote something")
        return wrong

    # -- beneath -----------------------------------------------------------------------------------------

    def _begin(self, stage: Stage, what: str, command: str = "") -> None:
        self._step += 1
        self.title(f"{_NAMES[stage.kind]}, step {self._step} of {_STEPS}: {what}")
        if command:
            self.say(f"$ {command}")

    def _explain(self, *lines: str) -> None:
        """Said once; on the second forge the same things happen."""
        if not self._told:
            for line in lines:
                self.say(line)

    def _run(self, stage: Stage, orders: Orders, only: list[str] | None = None) -> Runs:
        return run_projects(stage.config, only or (), orders, self.progress, self.stop)

    def _show(self, stage: Stage) -> None:
        """One issue, as somebody who opens it sees it: the one with most to read."""
        issues = [(project, issue) for project, each in stage.repositories.items() for issue in each.issues()]
        if not issues:
            return
        project, issue = max(issues, key=lambda pair: len(_visible(pair[1])))
        self.say("")
        self.say(f"One of them, {TEAM}/{project}#{issue.number}:")
        self.say(f"  {issue.title}")
        self.say(f"  milestone: {issue.milestone_title}; labels: {', '.join(sorted(issue.labels))}")
        for line in _visible(issue):
            self.say(f"  | {line}".rstrip())

    def _diff(self, before: bytes, after: bytes) -> None:
        lines = difflib.unified_diff(_lines(before), _lines(after), "before", "after", n=0, lineterm="")
        for line in lines:
            if not line.startswith(("---", "+++", "@@")):
                self.say(f"    {line}")


def _lines(data: bytes) -> list[str]:
    """Split at line feeds only: double-encoded text holds characters that ``splitlines`` would split at."""
    return [line.rstrip("\r") for line in data.decode("utf-8", "replace").split("\n")]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}".rstrip() for line in lines]


def _seen(data: bytes) -> str:
    """What syncer sees in a roadmap, in one line."""
    document = parse("TODO.md", data)
    criteria = [item for item in document.items if item.kind is ItemKind.CRITERION]
    future = [item for item in document.items if item.status is Status.FUTURE]
    rest = [item for item in document.items if item not in criteria and item not in future]
    finished = sum(item.state is not TaskState.OPEN for item in rest)
    parts = [f"{len(document.stages)} stages, {len(rest) - finished:>2} open items, {finished:>2} finished"]
    if criteria:
        parts.append(f"{len(criteria)} exit criteria")
    if future:
        parts.append(f"{len(future)} for a later version")
    if document.mojibake:
        parts.append("double-encoded UTF-8")
    if document.eol == "CRLF":
        parts.append("CRLF line ends")
    if not data.endswith(b"\n"):
        parts.append("no line end at the end")
    return "; ".join(parts)


def _visible(issue: IssueHandle) -> list[str]:
    return [line for line in issue.body.split("\n") if not line.startswith("<!--")]


def _requests(counts: Counts) -> str:
    return (
        f"  {counts.total} requests reached the forge: {counts.changes} writes, "
        f"{counts.reads + counts.queries} reads, {counts.not_modified} answered by 304 (not modified)"
    )
