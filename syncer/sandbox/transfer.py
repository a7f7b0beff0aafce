"""Moving an issue to another repository.

On GitHub the issue leaves: its old address answers with a redirect. On GitLab a copy is made and the
original stays, closed, with ``moved_to_id``.
"""

from __future__ import annotations

from syncer.sandbox.effects import note_system
from syncer.sandbox.issues import Comment, Issue
from syncer.sandbox.people import User
from syncer.sandbox.repository import Repository


def move_issue(issue: Issue, target: Repository, actor: User) -> Issue:
    """Move an issue; the answer is what it is in its new place."""
    forge = issue.repository.forge
    names = {label.name for label in issue.labels}
    labels = tuple(label for label in target.labels.values() if label.name in names)
    if forge.kind == "gitlab":
        labels = tuple(
            target.find_label(name) or target.add_label(actor, name, "#428BCA") for name in sorted(names)
        )
    moved = target.open_issue(
        issue.author, issue.title, issue.body, labels=labels, confidential=issue.confidential, kind=issue.type
    )
    moved.created_at = issue.created_at
    moved.closed, moved.closed_at, moved.closed_by = issue.closed, issue.closed_at, issue.closed_by
    moved.reason = issue.reason
    moved.comments = [
        Comment(forge.ids.next("comment"), said.author, said.body, said.created_at, said.updated_at)
        for said in issue.comments
        if not said.system
    ]
    moved.comment_count = len(moved.comments)
    issue.moved_to = moved
    if forge.kind == "gitlab":
        note_system(issue, actor, f"moved to {target.full_name}#{moved.number}", "moved")
        note_system(moved, actor, f"moved from {issue.repository.full_name}#{issue.number}", "moved")
        issue.close(actor, None)
    else:
        issue.log("transferred", actor, other=moved)
        issue.touch()
        issue.repository.announce("issues", "transferred", actor, issue=issue, other=moved)
    return moved
