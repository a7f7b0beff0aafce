"""Pull and merge requests: opening, whether they can be merged, merging, merging on their own."""

from __future__ import annotations

from syncer.sandbox import history
from syncer.sandbox.git import Commit
from syncer.sandbox.issues import Issue, Pull
from syncer.sandbox.people import User
from syncer.sandbox.repository import Repository


class Unmergeable(Exception):
    """A pull request cannot be merged; the text says why."""


def open_pull(
    repository: Repository,
    author: User,
    *,
    title: str,
    head: str,
    base: str,
    body: str | None = None,
    draft: bool = False,
) -> Issue:
    """A new pull request between two branches of a repository."""
    head_sha, base_sha = repository.branches.heads[head], repository.branches.heads[base]
    pull = Pull(repository.forge.ids.next("pull"), base, head, base_sha, head_sha, draft)
    return repository.open_issue(author, title, body, pull=pull)


def parts(issue: Issue) -> Pull:
    """What makes this issue a pull request."""
    if issue.pull is None:
        raise TypeError(f"#{issue.number} is no pull request")
    return issue.pull


def commits(issue: Issue) -> list[Commit]:
    """The commits that a pull request brings, oldest first."""
    pull, store = parts(issue), issue.repository.store
    base = pull.base_sha if pull.merged_at else issue.repository.branches.heads.get(pull.base, pull.base_sha)
    known = history.ancestors(store, base)
    return [commit for commit in history.log(store, pull.head_sha) if commit.sha not in known][::-1]


def changes(issue: Issue) -> list[history.Change]:
    """The paths that a pull request changes against where it branched off."""
    pull, store = parts(issue), issue.repository.store
    fork = history.merge_base(store, pull.base_sha, pull.head_sha)
    before = store.commits[fork].tree if fork else ""
    return history.changes(store, before, store.commits[pull.head_sha].tree) if fork else []


def mergeable(issue: Issue) -> bool:
    """Whether a pull request merges without conflicts."""
    return _merged_tree(issue) is not None


def blocked(issue: Issue) -> str:
    """Why nobody may merge this yet; empty where nothing stands in the way."""
    pull, repository = parts(issue), issue.repository
    if issue.closed or pull.merged_at:
        return "Pull Request is not open"
    if pull.draft:
        return "Pull Request is still a draft"
    if not mergeable(issue):
        return "Pull Request is not mergeable"
    needed = repository.forge.settings.checks_pending
    for ruleset in repository.rulesets:
        if ruleset.covers(pull.base, repository.default_branch):
            for rule in ruleset.rules:
                parameters = rule.get("parameters") or {}
                needed = needed or bool(parameters.get("required_approving_review_count"))
                needed = needed or rule["type"] == "required_status_checks"
    if needed and not pull.approvals:
        return "Repository rule violations found"
    return ""


def merge(issue: Issue, actor: User, *, method: str = "merge", title: str = "", message: str = "") -> Commit:
    """Merge a pull request: ``merge``, ``squash`` or ``rebase`` (one commit for each of its own)."""
    pull, repository, store = parts(issue), issue.repository, issue.repository.store
    tree = _merged_tree(issue)
    if tree is None:
        raise Unmergeable("Pull Request is not mergeable")
    base = repository.branches.heads[pull.base]
    who = repository.signature(actor)
    if method == "squash":
        text = _join(title or f"{issue.title} (#{issue.number})", message)
        commit = store.add_commit(tree, [base], who, who, text, verified=True)
        pull.squash_sha = commit.sha
    elif method == "rebase":
        commit = _replay(issue, actor, base)
    else:
        text = _join(title or _merge_title(issue), message or issue.title)
        commit = store.add_commit(tree, [base, pull.head_sha], who, who, text, verified=True)
    pull.base_sha = base
    pull.merged_at, pull.merged_by, pull.merge_sha = repository.forge.clock.now(), actor, commit.sha
    repository.move_branch(actor, pull.base, commit.sha)
    issue.log("merged", actor, commit=commit.sha)
    issue.close(actor, None)
    if repository.delete_branch_on_merge or pull.remove_source_branch:
        repository.move_branch(actor, pull.head, None)
    return commit


def enable_auto_merge(issue: Issue, actor: User, method: str) -> None:
    """Merge as soon as nothing stands in the way any more."""
    pull = parts(issue)
    pull.auto_merge, pull.auto_merge_by = method, actor
    pull.auto_merge_at = issue.repository.forge.clock.now()
    issue.log("auto_merge_enabled", actor)
    issue.touch()


def approve(issue: Issue, actor: User) -> None:
    """Say yes (a review, or a passed check); a waiting automatic merge happens."""
    pull = parts(issue)
    pull.approvals.add(actor.login)
    issue.touch()
    if pull.auto_merge and pull.auto_merge_by is not None and not blocked(issue):
        merge(issue, pull.auto_merge_by, method=pull.auto_merge)


def _merged_tree(issue: Issue) -> str | None:
    pull, repository, store = parts(issue), issue.repository, issue.repository.store
    base = repository.branches.heads.get(pull.base)
    fork = history.merge_base(store, base, pull.head_sha) if base else None
    if base is None or fork is None:
        return None
    trees = [store.commits[sha].tree for sha in (fork, base, pull.head_sha)]
    return history.merge_trees(store, trees[0], trees[1], trees[2])


def _replay(issue: Issue, actor: User, base: str) -> Commit:
    repository, store = issue.repository, issue.repository.store
    tip = store.commits[base]
    for commit in commits(issue):
        before = store.commits[commit.parents[0]].tree
        tree = history.merge_trees(store, before, tip.tree, commit.tree)
        if tree is None:
            raise Unmergeable("This branch can't be rebased")
        tip = store.add_commit(tree, [tip.sha], commit.author, repository.signature(actor), commit.message)
    return tip


def _merge_title(issue: Issue) -> str:
    pull, repository = parts(issue), issue.repository
    if repository.forge.kind == "github":
        return f"Merge pull request #{issue.number} from {repository.namespace}/{pull.head}"
    return f"Merge branch '{pull.head}' into '{pull.base}'"


def _join(headline: str, body: str) -> str:
    return f"{headline}\n\n{body}" if body else headline
