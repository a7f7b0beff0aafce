"""Parents and children among issues, with the limits both forges have."""

from __future__ import annotations

from collections.abc import Iterator

from syncer.sandbox.issues import Issue
from syncer.sandbox.people import User

MOST_CHILDREN = 100
MOST_LEVELS = 8


class Impossible(Exception):
    """Two issues cannot be related as asked; the text says why."""


def adopt(
    parent: Issue,
    child: Issue,
    actor: User,
    *,
    replace: bool = False,
    most: int = MOST_CHILDREN,
    levels: int = MOST_LEVELS,
) -> None:
    """Put an issue below another. Closed children count towards the limit."""
    if child in parent.children:
        raise Impossible("Issue may not contain duplicate sub-issues")
    if child.parent is not None and not replace:
        raise Impossible("Sub issue may only have one parent")
    if parent is child or child in ancestors(parent):
        raise Impossible("Sub issue may not be an ancestor of the parent issue")
    if parent.repository.namespace.partition("/")[0] != child.repository.namespace.partition("/")[0]:
        raise Impossible("Sub issue must belong to the same owner as the parent issue")
    if len(parent.children) >= most:
        raise Impossible(f"Parent cannot have more than {most} sub-issues")
    if len(list(ancestors(parent))) + 1 + _height(child) > levels:
        raise Impossible(f"Sub-issues may not be nested deeper than {levels} levels")
    if child.parent is not None:
        release(child.parent, child, actor)
    parent.children, child.parent = (*parent.children, child), parent
    parent.log("sub_issue_added", actor, other=child)
    child.log("parent_issue_added", actor, other=parent)
    _told(parent, child, actor, "added")


def release(parent: Issue, child: Issue, actor: User) -> None:
    """Take an issue out from below another."""
    parent.children = tuple(entry for entry in parent.children if entry is not child)
    child.parent = None
    parent.log("sub_issue_removed", actor, other=child)
    child.log("parent_issue_removed", actor, other=parent)
    _told(parent, child, actor, "removed")


def reorder(parent: Issue, child: Issue, *, after: Issue | None, before: Issue | None) -> None:
    """Move a child behind or before one of its siblings."""
    anchor = after or before
    if child not in parent.children or anchor not in parent.children or anchor is child or anchor is None:
        raise Impossible("Sub issues must belong to the parent issue")
    others = [entry for entry in parent.children if entry is not child]
    place = others.index(anchor) + (1 if after is not None else 0)
    parent.children = (*others[:place], child, *others[place:])
    parent.touch()


def ancestors(issue: Issue) -> Iterator[Issue]:
    """The issues above, nearest first."""
    above = issue.parent
    while above is not None:
        yield above
        above = above.parent


def _height(issue: Issue) -> int:
    return 1 + max((_height(child) for child in issue.children), default=0)


def _told(parent: Issue, child: Issue, actor: User, what: str) -> None:
    parent.touch()
    child.touch()
    parent.repository.announce("sub_issues", f"sub_issue_{what}", actor, issue=parent, other=child)
    child.repository.announce("sub_issues", f"parent_issue_{what}", actor, issue=child, other=parent)
