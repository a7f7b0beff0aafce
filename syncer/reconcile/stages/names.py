"""What milestones are called."""

from __future__ import annotations

from syncer.model.plan import StageKey
from syncer.reconcile.draft import PlanDraft


def milestone_titles(draft: PlanDraft) -> dict[StageKey, str]:
    """The title of every stage's milestone: the name, with the file's stem where two files share it."""
    keys = [
        StageKey(path, stage.index)
        for path, document in sorted(draft.observation.documents.items())
        for stage in document.stages
    ]
    # Who has a milestone already keeps its plain title when a file that sorts before it appears.
    keys.sort(key=lambda key: key not in draft.stages)
    taken: dict[str, str] = {}
    titles: dict[StageKey, str] = {}
    for key in keys:
        title = draft.future_stage(key).title
        owner = taken.setdefault(title.casefold(), key.path)
        if owner != key.path:
            title = f"{title} ({_stem(key.path)})"
        titles[key] = title
    return titles


def name_for_roadmap(draft: PlanDraft, key: StageKey, milestone_title: str, own: str) -> str | None:
    """A stage's name, from a milestone's new title.

    Args:
        draft: the plan so far.
        key: of the stage.
        milestone_title: as it was renamed to.
        own: the title that :func:`milestone_titles` gives the stage.

    Returns:
        The name without id and file; ``None`` if the part by which the roadmap knows the stage is lost.
    """
    stage = draft.stage(key)
    if own != stage.title:
        suffix = f" ({_stem(key.path)})"
        if not milestone_title.endswith(suffix):
            return None
        milestone_title = milestone_title.removesuffix(suffix)
    if stage.id is not None:
        prefix = f"{stage.id}: "
        if not milestone_title.startswith(prefix):
            return None
        milestone_title = milestone_title.removeprefix(prefix)
    return milestone_title


def _stem(path: str) -> str:
    name = path.rsplit("/", 1)[-1]
    return name.rsplit(".", 1)[0] or name
