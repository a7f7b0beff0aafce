"""Issue addresses written on a line: an explicit identity, wherever they point to an issue of a tracker."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.model.fields import Field
from syncer.model.identity import TrackerId, Uid
from syncer.model.ledger import Binding, BindingState
from syncer.model.plan import BindIssue, ItemKey, Subject
from syncer.reconcile.adopted import adopted_uid
from syncer.reconcile.draft import PlanDraft
from syncer.reconcile.matching import Unclear, anchor_of

Target = tuple[TrackerId, int]


def address(url: str) -> str:
    """An issue's address as it compares. GitLab shows the same issue as a work item, too."""
    return url.rstrip("/").replace("/-/work_items/", "/-/issues/")


def linked_lines(draft: PlanDraft) -> dict[ItemKey, Target]:
    """The lines that link to an issue of one of the trackers; held where two link to the same one."""
    links = {
        ItemKey(path, item.index): address(item.link)
        for path, document in sorted(draft.observation.documents.items())
        for item in document.items
        if item.link is not None
    }
    if not links:
        return {}
    addresses: dict[str, Target] = {
        address(issue.url): (tracker, issue.number)
        for tracker, view in draft.observation.trackers.items()
        for issue in view.issues.values()
        if issue.url
    }
    targets: dict[Target, list[ItemKey]] = {}
    for key, link in links.items():
        if link in addresses:
            targets.setdefault(addresses[link], []).append(key)
    found: dict[ItemKey, Target] = {}
    for target, keys in sorted(targets.items()):
        if len(keys) == 1:
            found[keys[0]] = target
        else:
            _hold_all(draft, target, keys)
    return found


def bound_links(draft: PlanDraft, links: Mapping[ItemKey, Target]) -> dict[ItemKey, Uid]:
    """Those lines that link to an issue which a binding has already."""
    owners: dict[Target, Uid] = {
        (tracker, number): uid
        for uid, binding in draft.bindings.items()
        for tracker, number in binding.refs.items()
        if binding.state is not BindingState.ENDED
    }
    return {key: owners[target] for key, target in links.items() if target in owners}


def adopt_links(draft: PlanDraft, links: Mapping[ItemKey, Target]) -> None:
    """Bind lines to the issues they link to, where nobody manages those issues yet."""
    taken = {(tracker, number) for b in draft.bindings.values() for tracker, number in b.refs.items()}
    for key, (tracker, number) in sorted(links.items(), key=lambda entry: (entry[0].path, entry[0].index)):
        issue = draft.issue(tracker, number)
        if issue is None or key in draft.uid_of or (tracker, number) in taken:
            continue
        unclear = draft.matching.unclear_items.get(key)
        if unclear is not None and unclear.asked:
            continue
        marker = issue.marker
        if marker is not None and marker.owner != draft.observation.owner:
            draft.ask(
                draft.subject(key, tracker=tracker),
                Field.PRESENCE,
                "foreign-link",
                f"its line links to #{number}, which {marker.owner} manages",
                f"`syncer adopt --from {marker.owner}` takes it over",
            )
            draft.matching.unclear_items[key] = Unclear(f"its line links to #{number}")
            continue
        uid = marker.uid if marker is not None else adopted_uid(draft.observation.owner, tracker, number)
        anchor = anchor_of(draft.document(key.path), draft.item(key))
        draft.bindings[uid] = Binding(uid, anchor, {tracker: number}, {})
        draft.uid_of[key] = uid
        draft.act(
            BindIssue(
                subject=draft.subject(key, uid=uid, tracker=tracker),
                reason=f"its line links to #{number}",
                tracker=tracker,
                item=key,
                uid=uid,
                anchor=anchor,
                number=number,
                how="link",
            )
        )


def _hold_all(draft: PlanDraft, target: Target, keys: list[ItemKey]) -> None:
    tracker, number = target
    lines = ", ".join(f"{key.path}:{draft.item(key).line}" for key in keys)
    for key in keys:
        item = draft.item(key)
        subject = Subject(key.path, item.line, item.section, item.full_title, None, tracker, number)
        draft.ask(
            subject,
            Field.PRESENCE,
            "same-link",
            f"several lines link to #{number}: {lines}",
            "leave the link on one of them",
        )
        draft.matching.unclear_items[key] = Unclear(f"several lines link to #{number}", (lines,))
