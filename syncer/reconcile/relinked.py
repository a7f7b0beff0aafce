"""Links that we wrote (``link_back = "link"``) and that lead to another issue now.

A link is the strongest identity there is, and a number is quickly mistyped. Where a line that showed the link
to its own issue shows another one, nothing happens to either issue, or to the lines that are theirs, until a
person has said what is meant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from syncer.model.fields import Field
from syncer.model.identity import Uid
from syncer.model.ledger import Binding, BindingState
from syncer.model.plan import ItemKey
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.links import Target, address
from syncer.reconcile.matching import Unclear, anchor_of
from syncer.reconcile.policy import LinkBack

_ASKED = Unclear("its line links to another issue", asked=True)


def relinked_lines(draft: PlanDraft, links: dict[ItemKey, Target]) -> frozenset[Uid]:
    """Find the lines whose text says one issue and whose link another; those links do not count.

    A line says an issue by its text where it stands exactly where that issue's line stood. Lines of equal
    texts are told apart by their links.

    Args:
        draft: before anything is matched.
        links: where lines link to.

    Returns:
        The bindings that wait; no line is matched with them.
    """
    if draft.policy.link_back is LinkBack.OFF:
        return frozenset()
    places = {
        replace(anchor_of(document, item), line=0): ItemKey(path, item.index)
        for path, document in draft.observation.documents.items()
        for item in document.items
    }
    showing = [binding for binding in draft.bindings.values() if _shows_link(binding) is not None]
    stands = {binding.uid: places.get(replace(binding.anchor, line=0)) for binding in showing}
    owners = {(t, n): b.uid for b in draft.bindings.values() for t, n in b.refs.items()}
    waiting: set[Uid] = set()
    for binding in showing:
        key, own = stands[binding.uid], _shows_link(binding)
        target = links.get(key) if key is not None else None
        if key is None or own is None or target is None or target == own or target[0] != own[0]:
            continue
        if own in links.values():
            # Its own link stands on another line: the line was moved, or two texts changed places.
            continue
        other = owners.get(target)
        if other is not None and draft.bindings[other].anchor.title == binding.anchor.title:
            continue
        waiting |= {binding.uid} | _wait(draft, key, own, target, other, stands)
    for binding in showing:
        # The other way round: the link of a line that stands where it stood is on another line now.
        home, own = stands[binding.uid], _shows_link(binding)
        key = next((key for key, target in links.items() if target == own), None)
        if home is None or key is None or own is None or key == home or home in links:
            continue
        if draft.item(key).title == binding.anchor.title or binding.uid in waiting:
            continue
        waiting |= _wait(draft, key, None, own, binding.uid, stands)
    for key in draft.matching.unclear_items:
        if draft.matching.unclear_items[key].asked:
            links.pop(key, None)
    return frozenset(waiting)


def part_relinked(draft: PlanDraft, waiting: Collection[Uid]) -> None:
    """Undo matches of lines that a person is asked about, or has to be asked about now.

    Args:
        draft: after the items were matched.
        waiting: what :func:`relinked_lines` found.
    """
    if draft.policy.link_back is LinkBack.OFF:
        return
    for uid, match in list(draft.pairs.items()):
        key, own = match.item, _shows_link(draft.bindings[uid])
        unclear = draft.matching.unclear_items.get(key)
        number = _number_on(draft, key, own) if own is not None else None
        if own is not None and number is not None and number != own[1]:
            if unclear is None:
                _wait(draft, key, own, (own[0], number), None, {})
            else:
                draft.matching.unclear_items[key] = replace(unclear, asked=True)
        elif unclear is None or not unclear.asked:
            continue
        del draft.pairs[uid], draft.uid_of[key], draft.matching.pairs[uid]
        draft.matching.unclear_bindings[uid] = _ASKED
    for uid in waiting:
        draft.matching.unclear_bindings[uid] = _ASKED


def _number_on(draft: PlanDraft, key: ItemKey, own: Target) -> int | None:
    """The number of the issue that a line's link names, if it is one of the tracker that it showed."""
    link, issue = draft.item(key).link, draft.issue(*own)
    if link is None or issue is None:
        return None
    number = address(link).removeprefix(address(issue.url).removesuffix(str(issue.number)))
    return int(number) if number.isdigit() else None


def _shows_link(binding: Binding) -> Target | None:
    """The issue whose link a binding's line showed when it was last settled."""
    if binding.state is not BindingState.LIVE:
        return None
    for tracker, fields in binding.base.items():
        settled = fields.get(Field.LINK)
        number = binding.refs.get(tracker)
        if settled is not None and number is not None and settled.roadmap == number:
            return tracker, number
    return None


def _wait(
    draft: PlanDraft,
    key: ItemKey,
    own: Target | None,
    target: Target,
    other: Uid | None,
    stands: Mapping[Uid, ItemKey | None],
) -> set[Uid]:
    """Ask about a line, once, and let the issue and the line wait that its link leads to."""
    tracker, number = target
    item = draft.item(key)
    home = stands.get(other) if other is not None else None
    beside = f"; the line of #{number} is {home.path}:{draft.item(home).line}" if home is not None else ""
    draft.ask(
        replace(draft.subject(key, tracker=tracker), number=own[1] if own is not None else number),
        Field.LINK,
        "link-changed",
        f"its line showed #{own[1]}, and links to #{number} now{beside}"
        if own is not None
        else f"{item.title!r} links to #{number} now{beside}",
        _remedy(own, number),
        roadmap=f"#{number}",
        tracker=f"#{own[1]}" if own is not None else "",
    )
    reason = f"its line links to #{number}"
    draft.matching.unclear_items[key] = Unclear(reason, asked=True)
    if other is None:
        return set()
    if home is not None:
        draft.matching.unclear_items[home] = Unclear(reason, asked=True)
    return {other}


def _remedy(own: Target | None, number: int) -> str:
    if own is None:
        return f"put the link back behind the line of #{number}, or take it away"
    return (
        f"put the link to #{own[1]} back, or take the link away, and the line stays #{own[1]}; "
        f"to make it the line of #{number}, end the binding with `syncer forget '#{own[1]}'`"
    )
