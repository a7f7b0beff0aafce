"""Whether a branch may be moved by somebody, as GitHub decides it, and the ways it says no."""

from __future__ import annotations

from syncer.sandbox import history
from syncer.sandbox.people import Role
from syncer.sandbox.protection import RULE_TEXTS
from syncer.sandbox.repository import Repository


def rule_objections(
    repository: Repository, role: Role, branch: str, new: str | None, *, verified: bool = True
) -> list[str]:
    """What rulesets have against letting a branch point at ``new``; ``None`` deletes it."""
    old = repository.branches.heads.get(branch)
    broken: list[str] = []
    for ruleset in repository.rulesets:
        if not ruleset.covers(branch, repository.default_branch) or not ruleset.binds(role):
            continue
        broken += [
            RULE_TEXTS.get(rule["type"], rule["type"])
            for rule in ruleset.rules
            if _breaks(repository, rule["type"], old, new, verified=verified)
        ]
    return list(dict.fromkeys(broken))


def _breaks(repository: Repository, kind: str, old: str | None, new: str | None, *, verified: bool) -> bool:
    if kind == "creation":
        return old is None
    if kind == "deletion":
        return new is None
    if new is None:
        return False
    if kind == "non_fast_forward":
        return old is not None and not history.is_ancestor(repository.store, old, new)
    if kind == "required_signatures":
        return not verified
    if kind == "merge_queue":
        return True
    return kind in ("pull_request", "update", "required_status_checks") and old is not None


def classic_objection(repository: Repository, role: Role, branch: str) -> str:
    """What classic protection has against a direct push; empty for nothing."""
    for protection in repository.protections.values():
        if not protection.covers(branch) or branch not in repository.branches.heads:
            continue
        if protection.pull_request_required and (role < Role.ADMIN or protection.enforce_admins):
            return "Changes must be made through a pull request."
        if not protection.lets_push(role):
            return "You're not authorized to push to this branch."
    return ""
