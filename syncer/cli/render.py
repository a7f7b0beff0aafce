"""Plans and reports as text for people: grouped by roadmap, stage and section, nothing left out."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

import click

from syncer.cli.describe import COLOURS, HOLD, Words, describe
from syncer.model.identity import TrackerId
from syncer.model.ledger import RunOutcome
from syncer.model.plan import (
    Action,
    ChangeIssue,
    ChangeMilestone,
    CreateIssue,
    CreateIteration,
    CreateMilestone,
    EditRoadmap,
    EnsureLabel,
    Hold,
    Outcome,
    Plan,
    Relocate,
    SetIssueState,
    SetParent,
    Severity,
    Subject,
    TellPerson,
    UseMilestone,
    is_effect,
)
from syncer.ports import TOGETHER
from syncer.service.report import RunReport

Entry = tuple[Subject, Words]
_FEW = 5


def plan_lines(plan: Plan, *, held: tuple[str, ...] = (), seconds: float = 0.0) -> Iterator[str]:
    """A plan as lines.

    Args:
        plan: what would be done.
        held: why the guard holds it.
        seconds: how long it will take under the forge's limits, at least.
    """
    entries: list[Entry] = [(action.subject, describe(action)) for action in plan.effects]
    found = [
        (action.subject, Words("=", f'"{action.subject.title}"', f"{action.how}, {action.score:.0f} % alike"))
        for action in plan.actions
        if isinstance(action, Relocate) and action.score < 100
    ]
    yield from _tree(entries)
    if found:
        yield ""
        yield "Recognised although changed:"
        yield from _tree(found)
    loud = [hold for hold in plan.holds if hold.severity is not Severity.REPORT]
    quiet = [hold for hold in plan.holds if hold.severity is Severity.REPORT]
    for title, holds in (
        ("Held, because a person has to decide or time has to pass:", loud),
        ("Reported:", quiet),
    ):
        if holds:
            yield ""
            yield title
            for hold in holds:
                yield from _hold(hold)
    yield ""
    yield totals(plan)
    if plan.effects:
        sent = requests(plan)
        yield f"{sent} request{'' if sent == 1 else 's'}, {duration(seconds)}"
    for reason in held:
        yield _coloured(f"{HOLD} held by the guard: {reason}", HOLD)


def totals(plan: Plan) -> str:
    """What a plan does, counted."""
    counts: Counter[str] = Counter()
    for action in plan.effects:
        counts[_kind(action)] += 1
    if not counts:
        return (
            "Nothing to do: all sides agree."
            if not plan.holds
            else "Nothing to do besides what is said above."
        )
    return ", ".join(_counted(count, kind) for kind, count in counts.items())


def requests(plan: Plan) -> int:
    """How many requests applying a plan takes."""
    count = 0
    changed: set[tuple[object, ...]] = set()
    parents: Counter[TrackerId] = Counter()
    asked: Counter[TrackerId] = Counter()
    edits = False
    for action in plan.effects:
        match action:
            case ChangeIssue():
                changed.add((action.tracker, action.number))
                # Titles are looked up in the forge's log afterwards.
                count += action.field.value == "title"
            case ChangeMilestone():
                changed.add((action.tracker, "milestone", action.key, action.field.value == "state"))
            case SetParent():
                parents[action.tracker] += 1
                asked[action.tracker] += action.number is not None
            case SetIssueState():
                count += 2
            case EditRoadmap():
                edits = True
            case UseMilestone():
                pass
            case _:
                count += 1
    # Those that are there already are read a hundred at a time; all are set many at once.
    count += sum(-(-asked[each] // 100) - (-many // TOGETHER) for each, many in parents.items())
    return count + 2 * len(changed) + edits


def creations(plan: Plan) -> int:
    """How many things a plan creates: what forges limit most."""
    kinds = (CreateIssue, CreateIteration, CreateMilestone, EnsureLabel)
    return sum(1 for action in plan.effects if isinstance(action, kinds))


def duration(seconds: float) -> str:
    """A time span in words."""
    if seconds < 5:
        return "a few seconds"
    if seconds < 90:
        return f"about {round(seconds)} seconds under the forge's limits"
    text = str(timedelta(seconds=round(seconds / 60) * 60))
    hours, minutes = text.split(":", maxsplit=1)[0], text.split(":")[1]
    spoken = f"{hours} h {minutes} min" if hours not in ("0", "") else f"{int(minutes)} min"
    return f"about {spoken} under the forge's limits"


def report_lines(report: RunReport, *, seconds: float = 0.0) -> Iterator[str]:
    """A run's report as lines: the plan, what became of it, what is left."""
    if report.plan is not None:
        yield from plan_lines(report.plan, held=report.verdict.reasons, seconds=seconds)
    for path, why in sorted(report.unreadable.items()):
        yield _coloured(f"{HOLD} {path}: {why}; it is left alone", HOLD)
    for path in report.missing:
        yield _coloured(f"{HOLD} {path}: there is no such file on this branch", HOLD)
    if report.dry:
        yield "Nothing was changed: this was a dry run."
        return
    for receipt in report.failures:
        words = describe(receipt.action)
        yield _coloured(f"{HOLD} not done: {words.what}: {receipt.detail}", HOLD)
    for receipt in report.remarks[:_FEW]:
        words = describe(receipt.action)
        yield _coloured(f"{HOLD} done but for a part: {words.what}: {receipt.detail}", HOLD)
    if len(report.remarks) > _FEW:
        yield _coloured(f"{HOLD} and {len(report.remarks) - _FEW} more like these: `syncer history`", HOLD)
    for committed in report.committed:
        yield f"committed {committed.revision[:12]}" + (f" ({committed.url})" if committed.url else "")
    for shown, url in report.proposals.items():
        yield f"the roadmap's edits are in {shown}, to be merged: {url}"
    if report.waiting_until is not None:
        until = report.waiting_until.strftime("%H:%M UTC")
        yield f"A request was never answered. Its issue is looked for until {until}, then requested again."
    yield _outcome(report)


def _outcome(report: RunReport) -> str:
    done = sum(
        1 for receipt in report.receipts if receipt.outcome is Outcome.DONE and is_effect(receipt.action)
    )
    match report.outcome:
        case RunOutcome.COMPLETE:
            return f"Done: {_changes(done)}." if done else "Done."
        case RunOutcome.HELD:
            return f"Nothing was changed. `syncer run --project {report.project} --approve` applies the plan."
        case RunOutcome.PARTIAL:
            return f"Partly applied: {_changes(done)} made, the rest above. Run syncer again to go on."
        case RunOutcome.INTERRUPTED:
            return f"Stopped: {_changes(done)} made. Run syncer again to go on."
        case RunOutcome.FAILED:
            return "Failed."


def _changes(count: int) -> str:
    return f"{count} change{'' if count == 1 else 's'}"


def _tree(entries: Iterable[Entry]) -> Iterator[str]:
    """Entries below their roadmap, stage and section, each group once, in the order of the file."""
    groups: dict[str, dict[tuple[str, ...], list[Entry]]] = {}
    for subject, words in entries:
        groups.setdefault(subject.path, {}).setdefault(subject.section, []).append((subject, words))
    for path in sorted(groups):
        if path:
            yield _bold(path)
        shown: tuple[str, ...] = ()
        for section, members in _in_order(groups[path]):
            for depth, segment in enumerate(section):
                if shown[: depth + 1] != section[: depth + 1]:
                    yield "  " * (depth + 1) + segment
            shown = section
            indent = "  " * (len(section) + 1)
            for _subject, words in members:
                yield (
                    indent
                    + _coloured(f"{words.symbol} {words.what}", words.symbol)
                    + _dim(f"  ({words.why})")
                )


def _in_order(sections: dict[tuple[str, ...], list[Entry]]) -> list[tuple[tuple[str, ...], list[Entry]]]:
    """Sections as they stand in the file, what belongs to a stage itself before its sections.

    A plan lists milestones before issues; people look for both below one heading.
    """
    first: dict[tuple[str, ...], int] = {}
    for section, members in sections.items():
        line = min(subject.line for subject, _words in members)
        for depth in range(len(section) + 1):
            first[section[:depth]] = min(line, first.get(section[:depth], line))
    return [
        (section, sorted(sections[section], key=lambda entry: entry[0].line))
        for section in sorted(
            sections,
            key=lambda section: [(first[section[: d + 1]], section[d]) for d in range(len(section))],
        )
    ]


def _hold(hold: Hold) -> Iterator[str]:
    subject = hold.subject
    place = f"{subject.path}:{subject.line}" if subject.line else subject.path or subject.tracker or ""
    number = f" #{subject.number}" if subject.number else ""
    yield "  " + _coloured(f'{HOLD} {place}{number} "{subject.title}" ({hold.field.value})', HOLD)
    yield f"      {hold.reason}"
    if hold.base or hold.roadmap or hold.tracker:
        values = [("settled", hold.base), ("roadmap", hold.roadmap), ("tracker", hold.tracker)]
        yield "      " + "; ".join(f"{name}: {value}" for name, value in values if value)
    if hold.remedy:
        yield f"      -> {hold.remedy}"


_KINDS = {
    CreateIssue: "issue to create",
    CreateMilestone: "milestone to create",
    CreateIteration: "iteration to create",
    EnsureLabel: "label to create",
    UseMilestone: "milestone to use",
    ChangeIssue: "change to issues",
    ChangeMilestone: "change to milestones",
    SetParent: "parent to set",
    TellPerson: "comment to write",
    EditRoadmap: "edit to the roadmap",
}


def _kind(action: Action) -> str:
    if isinstance(action, SetIssueState):
        return "issue to close" if action.after.finished else "issue to reopen"
    return _KINDS.get(type(action), "other change")


def _counted(count: int, what: str) -> str:
    """``1 issue to close``, ``2 issues to close``."""
    noun, _, rest = what.partition(" ")
    return f"{count} {noun}{'' if count == 1 else 's'} {rest}"


def _colours() -> bool:
    import os

    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _coloured(text: str, symbol: str) -> str:
    return click.style(text, fg=COLOURS.get(symbol)) if _colours() else text


def _bold(text: str) -> str:
    return click.style(text, bold=True) if _colours() else text


def _dim(text: str) -> str:
    return click.style(text, dim=True) if _colours() else text
