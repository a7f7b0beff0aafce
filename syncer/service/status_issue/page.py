"""The text of a status issue, and what people have ticked in it. Pure.

::

    <!-- syncer:status v=1 owner=github.com/1234 project=rune -->
    …
    - [ ] Approve these 60 actions <!-- syncer:do 3f2a… -->
    <!-- syncer:status-end -->

The marker is another one than an item's, so that no plan takes the issue for one. What a box stands for is
named by digests, of the actions or of the conflict with its values: a tick says yes to what stood there, and
to nothing that came afterwards. Text outside belongs to people.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from syncer.model.ledger import Standing, StandingHold
from syncer.model.plan import Action, Severity
from syncer.reconcile.canonical import canonical_block
from syncer.reconcile.inert import inert_title
from syncer.service.told import told

_NEEDED: Final = (Severity.CONFLICT.value, Severity.QUESTION.value)
_MOST: Final = 50
"""Actions, conflicts and questions that are listed, of each at most."""
_LONGEST: Final = 300
_BOX: Final = re.compile(r"^[-*+] \[(?P<mark>[ xX])\] .*<!-- syncer:do (?P<token>[0-9a-f]{16}) -->\s*$", re.M)
_END: Final = "<!-- syncer:status-end -->"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a box stands for.

    Args:
        approve: digests of the actions that are approved.
        holds: digests of the holds that are decided, one for each tracker in conflict.
        take: ``roadmap`` or ``tracker``; empty for an approval.
    """

    approve: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    take: str = ""

    @property
    def token(self) -> str:
        parts = "\x1f".join(["approve", *sorted(self.approve), "take", self.take, *sorted(self.holds)])
        return hashlib.sha256(parts.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Page:
    """What a status issue says.

    Args:
        lines: without markers.
        offers: by token.
        urgent: whether anything needs a person.
    """

    lines: tuple[str, ...]
    offers: Mapping[str, Offer]
    urgent: bool


def page_of(
    project: str, standing: Standing, actions: Iterable[Action], refused: Mapping[str, str], problem: str = ""
) -> Page:
    """What there is to say about a project.

    Args:
        project: its name.
        standing: after its last run.
        actions: of the plan that is held, for people.
        refused: why ticks were not accepted, by token.
        problem: why it cannot be synced before somebody changes something; empty if it can.
    """
    lines: list[str] = []
    offers: dict[str, Offer] = {}

    def box(text: str, offer: Offer) -> None:
        offers[offer.token] = offer
        lines.append(f"- [ ] {text} <!-- syncer:do {offer.token} -->")
        if offer.token in refused:
            lines.append(f"      **Not accepted:** {_safe(refused[offer.token])}")

    if problem:
        lines += ["### It cannot be synced", "", _safe(problem), ""]
    if standing.held and standing.digests:
        lines += ["### A plan waits for an approval", "", _safe("; ".join(standing.held)), ""]
        listed = [f"- {_safe(f'{each.subject.title}: {told(each)}')}" for each in actions]
        lines += _cut(listed)
        count = len(standing.digests)
        box(f"Approve {'this action' if count == 1 else f'these {count} actions'}", _approval(standing))
        lines.append("")
    for severity, heading in zip(_NEEDED, ("Conflicts", "Questions"), strict=True):
        groups = _groups(hold for hold in standing.holds if hold.severity == severity)
        if not groups:
            continue
        lines += [f"### {heading}", ""]
        for group in groups[:_MOST]:
            lines += _described(group)
            for side in _sides(group):
                offer = Offer(holds=frozenset(each.digest for each in group), take=side)
                box(_choice(group, side), offer)
            lines.append("")
        if groups[_MOST:]:
            lines += [f"… and {len(groups) - _MOST} more: `syncer status --project {project}`", ""]
    urgent = bool(lines)
    if not urgent:
        lines = ["Nothing needs anybody at the moment.", ""]
    return Page(tuple(lines), offers, urgent)


def marker(owner: str, project: str) -> str:
    """The line by which a project's status issue is found again."""
    return f"<!-- syncer:status v=1 owner={owner} project={project} -->"


def render(page: Page, owner: str, project: str) -> str:
    """The block as it stands in the issue's body."""
    head = (
        f"This issue is kept by syncer for the project `{project}`. A tick by somebody with write rights is "
        "carried out by the next run."
    )
    return "\n".join([marker(owner, project), head, "", *page.lines, _END])


def is_ours(body: str, owner: str, project: str) -> bool:
    """Whether a body is that of this project's status issue."""
    return marker(owner, project) in body


def block_in(body: str, owner: str, project: str) -> str:
    """The block in a body; empty where there is none."""
    start = body.find(marker(owner, project))
    end = body.find(_END, start)
    return "" if start < 0 or end < 0 else body[start : end + len(_END)]


def with_block(body: str, block: str, owner: str, project: str) -> str:
    """A body with another block in it; what people wrote around it stays."""
    present = block_in(body, owner, project)
    if present:
        return body.replace(present, block, 1)
    return f"{body.rstrip()}\n\n{block}" if body.strip() else block


def same(left: str, right: str) -> bool:
    """Whether two texts are the same to the forge, which may change line ends and blanks."""
    return canonical_block(left) == canonical_block(right)


def ticked(text: str) -> tuple[str, ...]:
    """The tokens of the boxes that are ticked."""
    return tuple(
        match["token"] for match in _BOX.finditer(text.replace("\r\n", "\n")) if match["mark"] != " "
    )


def _approval(standing: Standing) -> Offer:
    return Offer(approve=frozenset(standing.digests))


def _groups(holds: Iterable[StandingHold]) -> list[list[StandingHold]]:
    """Holds of one field belong together, one for each tracker."""
    found: dict[tuple[object, str], list[StandingHold]] = {}
    for hold in holds:
        found.setdefault((hold.uid or hold.digest, hold.field), []).append(hold)
    return list(found.values())


def _described(group: list[StandingHold]) -> list[str]:
    hold = group[0]
    numbers = ", ".join(f"issue {each.number}" for each in group if each.number)
    place = f"{hold.place}, {numbers}" if numbers else hold.place
    lines = [f"**{_safe(hold.title)}** ({hold.field}; {_safe(place)}): {_safe(hold.reason)}"]
    values = [("settled", hold.base), ("roadmap", hold.roadmap)]
    values += [("tracker" if len(group) == 1 else str(each.tracker), each.there) for each in group]
    lines += [f"- {_safe(name)}: {_safe(value)}" for name, value in values if value]
    if hold.remedy and not _sides(group):
        lines.append(f"- {_safe(hold.remedy)}")
    return lines


def _sides(group: list[StandingHold]) -> list[str]:
    """The sides that a box can take; which of several trackers is said by command only."""
    if group[0].uid is None:
        return []
    sides = [side for side in ("roadmap", "tracker") if all(side in each.choices for each in group)]
    return (
        sides if len({each.tracker for each in group}) <= 1 else [side for side in sides if side == "roadmap"]
    )


def _choice(group: list[StandingHold], side: str) -> str:
    hold = group[0]
    value = hold.roadmap if side == "roadmap" else hold.there
    return f"Take the {side}’s side" + (f": {_safe(value)}" if value else "")


def _cut(lines: list[str]) -> list[str]:
    more = [f"- … and {len(lines) - _MOST} more"] if lines[_MOST:] else []
    return [*lines[:_MOST], *more]


def _safe(text: str) -> str:
    """Somebody's text in one line, in which nothing is a mention, a reference, a box or a marker."""
    flat = " ".join(text.split())
    cut = flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"
    # A separator between headings would make the text name a section.
    quiet = inert_title(cut).replace("::", ":\u2060:").replace("<", "&lt;")
    return re.sub(r"([\\`*_\[\]])", r"\\\1", quiet)
