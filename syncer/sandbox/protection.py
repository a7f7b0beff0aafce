"""Who may push where: classic branch protection, GitHub's rulesets, GitLab's protected branches."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import Any

from syncer.sandbox.people import Role


@dataclass
class Protection:
    """Classic protection of a branch (or, on GitLab, of a pattern).

    Args:
        push: the least role that may push directly; ``None`` for nobody.
        merge: the least role that may merge into it.
        pull_request_required: GitHub: whether changes must come through a pull request.
        enforce_admins: GitHub: whether that holds for administrators too.
    """

    id: int
    pattern: str
    push: Role | None = Role.MAINTAIN
    merge: Role | None = Role.MAINTAIN
    pull_request_required: bool = True
    enforce_admins: bool = True
    allow_force_push: bool = False
    required_approvals: int = 1

    def covers(self, branch: str) -> bool:
        return fnmatch.fnmatchcase(branch, self.pattern)

    def lets_push(self, role: Role) -> bool:
        return self.push is not None and role >= self.push


@dataclass
class Ruleset:
    """A set of rules for the branches whose names it includes; invisible to classic protection.

    Args:
        include: patterns of branch names, ``~ALL``, or ``~DEFAULT_BRANCH``.
        rules: as the rules endpoint shows them: ``{"type": "pull_request", "parameters": …}``.
        bypass: the least role that the rules do not hold for; ``None`` for nobody.
    """

    id: int
    name: str
    include: tuple[str, ...]
    rules: tuple[dict[str, Any], ...]
    bypass: Role | None = None
    excluded: tuple[str, ...] = field(default=())

    def covers(self, branch: str, default_branch: str) -> bool:
        if branch in self.excluded:
            return False
        for pattern in self.include:
            if pattern == "~ALL" or (pattern == "~DEFAULT_BRANCH" and branch == default_branch):
                return True
            if fnmatch.fnmatchcase(branch, pattern.removeprefix("refs/heads/")):
                return True
        return False

    def binds(self, role: Role) -> bool:
        return self.bypass is None or role < self.bypass


RULE_TEXTS = {
    "pull_request": "Changes must be made through a pull request.",
    "creation": "Cannot create ref due to creations being restricted.",
    "update": "Cannot update this protected ref.",
    "deletion": "Cannot delete this protected ref.",
    "non_fast_forward": "Cannot force-push to this branch",
    "required_signatures": "Commits must have verified signatures.",
    "required_status_checks": "Required status check is expected.",
    "merge_queue": "Changes must be made through the merge queue",
}
