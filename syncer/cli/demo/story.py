"""The demo's story, told chapter by chapter, and checked: what it shows has to be true."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from syncer.cli.progress import Bar, Silent
from syncer.cli.render import report_lines, totals
from syncer.cli.runs import Runs, run_projects
from syncer.cli.demo.people import act
from syncer.cli.demo.stage import Stage, set_up
from syncer.model.ledger import RunOutcome
from syncer.sandbox import Counts, Sandbox
from syncer.service.cycle import Orders

_NAMES = {"github": "GitHub", "gitlab": "GitLab"}


@dataclass(slots=True)
class Teller:
    """Tells the story on one kind of forge.

    Args:
        forge: serves already.
        directory: for the configurations and the state.
        say: prints one line.
        title: prints a chapter's heading.
        keep: whether the directory stays, so that the complete plans are written there.
    """

    forge: Sandbox
    directory: Path
    say: Callable[[str], None]
    title: Callable[[str], None]
    progress: Silent | Bar
    stop: threading.Event
    keep: bool

    def tell(self, kind: str) -> list[str]:
        """Tell it all.

        Args:
            kind: ``github`` or ``gitlab``.

        Returns:
            What was not as it should be; empty if all was well.
        """
        name = _NAMES[kind]
        stage = set_up(self.forge, kind, self.directory / kind)
        wrong: list[str] = []
        self.title(f"{name}: five teams, each with a roadmap in its repository")
        for project, repository in stage.repositories.items():
            size = len(repository.file("TODO.md"))
            self.say(f"  acme/{project}: TODO.md, {size:,} bytes, no issues, no milestones")

        self.title(f"{name}: syncer run --dry-run")
        self.forge.reset_counts()
        runs = self._run(stage, Orders(dry=True))
        self._plans(stage, runs)
        if self.forge.count().changes:
            wrong.append("the dry run wrote something")
        if self.stop.is_set():
            return ["stopped"]

        self.title(f"{name}: syncer run")
        self.forge.reset_counts()
        runs = self._run(stage, Orders())
        held = [run.report for run in runs.runs if run.report.outcome is RunOutcome.HELD]
        for report in held:
            self.say(f"  {report.project}: held by the guard: {'; '.join(report.verdict.reasons)}")
        if held:
            self.say(
                f"  Approved: syncer run --approve --project {' --project '.join(r.project for r in held)}"
            )
            self._run(stage, Orders(approve=True), [report.project for report in held])
        for project, repository in stage.repositories.items():
            made = f"{len(repository.issues())} issues, {len(repository.milestones())} milestones"
            self.say(f"  acme/{project}: {made}")
        self.say(f"  {_requests(self.forge.count())}")

        self.title(f"{name}: people work on both sides")
        for line in act(stage):
            self.say(f"  {line}")

        self.title(f"{name}: syncer run")
        before = {project: repository.file("TODO.md") for project, repository in stage.repositories.items()}
        runs = self._run(stage, Orders())
        for run in runs.runs:
            if run.report.plan is None or not run.report.plan.actions:
                continue
            self.say(f"{run.report.project}: {run.source}")
            for line in report_lines(run.report, seconds=run.seconds):
                self.say(f"  {line}")
            after = stage.repositories[run.report.project].file("TODO.md")
            self._diff(before[run.report.project], after)

        self.title(f"{name}: syncer run, once more")
        self.forge.reset_counts()
        runs = self._run(stage, Orders())
        for run in runs.runs:
            plan = run.report.plan
            self.say(f"  {run.report.project}: {totals(plan) if plan is not None else run.report.problem}")
            if plan is None or plan.actions:
                wrong.append(f"{name}, {run.report.project}: the second run still had something to do")
        self.say(f"  {_requests(self.forge.count())}")
        if self.forge.count().changes:
            wrong.append(f"{name}: the second run wrote something")
        return wrong

    # -- beneath ---------------------------------------------------------------------------------------

    def _run(self, stage: Stage, orders: Orders, only: list[str] | None = None) -> Runs:
        return run_projects(stage.config, only or (), orders, self.progress, self.stop)

    def _plans(self, stage: Stage, runs: Runs) -> None:
        """The smallest plan in full; of the others the totals."""
        texts = {run.report.project: list(report_lines(run.report, seconds=run.seconds)) for run in runs.runs}
        if self.keep:
            text = "\n\n".join("\n".join([project, *lines]) for project, lines in texts.items())
            (stage.config.parent / "plans.txt").write_text(text + "\n", encoding="utf-8")
        shown = min((name for name, lines in texts.items() if len(lines) > 8), key=lambda n: len(texts[n]))
        for run in runs.runs:
            project = run.report.project
            if project == shown:
                self.say(f"{project}: {run.source}")
                for line in texts[project]:
                    self.say(f"  {line}")
            elif run.report.plan is not None:
                self.say(f"{project}: {totals(run.report.plan)}")
        if self.keep:
            self.say(f"All of them in full: {stage.config.parent / 'plans.txt'}")
        else:
            self.say("All of them in full: syncer demo --directory DIR")

    def _diff(self, before: bytes, after: bytes) -> None:
        lines = difflib.unified_diff(
            before.decode("utf-8", "replace").splitlines(),
            after.decode("utf-8", "replace").splitlines(),
            "TODO.md before",
            "TODO.md after",
            n=0,
            lineterm="",
        )
        for line in lines:
            self.say(f"    {line}")


def _requests(counts: Counts) -> str:
    return (
        f"{counts.total} requests reached the forge: {counts.changes} writes, "
        f"{counts.reads + counts.queries} reads, {counts.not_modified} answered by 304 (not modified)"
    )
