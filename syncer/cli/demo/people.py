"""What people do between two runs, on both sides, whatever the roadmap looks like."""

from __future__ import annotations

from syncer.cli.demo.stage import Stage
from syncer.model.document import Document, Span
from syncer.model.fields import TaskState
from syncer.roadmap.parse import parse
from syncer.sandbox import RepositoryHandle


def act(stage: Stage) -> list[str]:
    """Close issues, finish milestones, tick boxes and reword a line.

    Args:
        stage: where every open item has an issue by now.

    Returns:
        What was done, one sentence each.
    """
    said: list[str] = []
    for name, repository in stage.repositories.items():
        said += [f"{name}: {what}" for what in _on_tracker(stage.kind, repository)]
        said += [f"{name}: {what}" for what in _in_roadmap(repository)]
    return said


def _on_tracker(kind: str, repository: RepositoryHandle) -> list[str]:
    said: list[str] = []
    issues = [issue for issue in repository.issues() if issue.state == "open"]
    if len(issues) > 3:
        first, second, third = issues[0], issues[1], issues[-1]
        first.close(by="alice")
        said.append(f"alice closes issue #{first.number} as completed")
        if kind == "github":
            second.close(by="bob", reason="not_planned")
        else:
            second.label("dropped", by="bob")
            second.close(by="bob")
        said.append(f"bob closes issue #{second.number} as not planned")
        third.retitle(f"{third.title} (first version)", by="carol")
        said.append(f"carol retitles issue #{third.number}")
    for milestone in repository.milestones():
        if milestone.due is not None and milestone.state == "open":
            milestone.close(by="alice")
            said.append(f"alice closes the milestone {milestone.title!r}")
            break
    return said


def _in_roadmap(repository: RepositoryHandle) -> list[str]:
    data = repository.file("TODO.md")
    titles = {issue.title for issue in repository.issues() if issue.state == "open"}
    boxes = _open_boxes(parse("TODO.md", data), titles)
    if len(boxes) < 3:
        return []
    line, span = boxes[1]
    data = data[: span.start] + b"[x]" + data[span.end :]
    repository.commit({"TODO.md": data}, by="dave", message="Finish something")
    return [f"dave ticks line {line} of TODO.md and pushes"]


def _open_boxes(document: Document, titles: set[str]) -> list[tuple[int, Span]]:
    """Line and bytes of the open boxes whose items have an issue."""
    return [
        (item.line, item.box.span)
        for item in document.items
        if item.box is not None and item.status.task_state is TaskState.OPEN and item.title in titles
    ]
