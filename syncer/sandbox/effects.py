"""What a forge does by itself when something happens: cross-references, closing keywords, pull requests.

A text that reaches a forge has consequences: ``@somebody`` is notified, ``#12`` leaves a trace in issue
12, ``Fixes #12`` in a commit on the default branch closes it. A program that copies text from one place
to another must not set these off by accident, so the sandbox performs them all.
"""

from __future__ import annotations

from collections.abc import Iterable

from syncer.sandbox import history, mentions, merging
from syncer.sandbox.forge import Forge
from syncer.sandbox.happenings import Happening, Mention
from syncer.sandbox.issues import Comment, Issue
from syncer.sandbox.mentions import Reference
from syncer.sandbox.people import User
from syncer.sandbox.repository import NOTHING, Repository


class Effects:
    """A listener that carries out the consequences of texts and pushes on one forge."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def __call__(self, happening: Happening) -> None:
        """React to one happening."""
        if happening.topic in ("issues", "pull_request") and happening.issue is not None:
            self._issue(happening, happening.issue)
        elif (
            happening.topic == "issue_comment"
            and happening.comment is not None
            and happening.issue is not None
        ):
            self._text(happening.comment.body, happening.actor, happening.issue)
        elif happening.topic == "push" and happening.push is not None:
            self._push(happening)

    def _issue(self, happening: Happening, issue: Issue) -> None:
        if happening.action == "opened" or (happening.action == "edited" and "body" in happening.before):
            self._text(f"{issue.title}\n\n{issue.text}", happening.actor, issue)
        if happening.action == "closed" and issue.pull is not None and issue.pull.merged_at:
            repository = issue.repository
            if issue.pull.base == repository.default_branch:
                self._close(
                    mentions.closes(issue.text), repository, happening.actor, issue.pull.merge_sha or ""
                )
        if self._forge.kind == "gitlab" and happening.action == "edited":
            self._system_notes(happening, issue)

    def _text(self, text: str, actor: User, source: Issue) -> None:
        place = f"{source.repository.full_name}#{source.number}"
        self._notify(text, place)
        for reference in mentions.referenced(text):
            target = self._target(reference, source.repository)
            if target is None or target is source:
                continue
            target.log("cross-referenced", actor, other=source)
            if self._forge.kind == "gitlab":
                sign = "!" if source.pull is not None else "#"
                same = source.repository is target.repository
                shown = (
                    f"{sign}{source.number}"
                    if same
                    else f"{source.repository.full_name}{sign}{source.number}"
                )
                note_system(target, actor, f"mentioned in {_kind(source)}{shown}", "cross_reference")

    def _notify(self, text: str, place: str) -> None:
        self._forge.mentions += [Mention(login, place) for login in mentions.mentioned(text)]

    def _push(self, happening: Happening) -> None:
        repository, push = happening.repository, happening.push
        if push is None:
            return
        branch = push.ref.removeprefix("refs/heads/")
        if push.after != NOTHING:
            known = history.ancestors(repository.store, push.before) if push.before != NOTHING else set()
            fresh = [
                commit for commit in history.log(repository.store, push.after) if commit.sha not in known
            ]
            for commit in fresh[:2048]:
                self._notify(commit.message, f"{repository.full_name}@{commit.sha[:7]}")
                for reference in mentions.referenced(commit.message):
                    target = self._target(reference, repository)
                    if target is not None:
                        target.log("referenced", happening.actor, commit=commit.sha)
                        if self._forge.kind == "gitlab":
                            note_system(
                                target,
                                happening.actor,
                                f"mentioned in commit {commit.sha}",
                                "cross_reference",
                            )
                if branch == repository.default_branch:
                    self._close(mentions.closes(commit.message), repository, happening.actor, commit.sha)
        self._follow(repository, branch, push.after, happening.actor)

    def _follow(self, repository: Repository, branch: str, after: str, actor: User) -> None:
        for issue in list(repository.pulls.values()):
            pull = merging.parts(issue)
            if issue.closed or pull.merged_at:
                continue
            if pull.head == branch and after == NOTHING:
                if self._forge.kind == "github":
                    issue.close(actor, None)
            elif pull.head == branch and pull.head_sha != after:
                pull.head_sha = after
                pull.approvals.clear()
                issue.touch()
                repository.announce("pull_request", "synchronize", actor, issue=issue)
            elif pull.base == branch and after != NOTHING and pull.head_sha != pull.base_sha:
                contained = history.is_ancestor(repository.store, pull.head_sha, after)
                if contained:
                    pull.merged_at, pull.merged_by = self._forge.clock.now(), actor
                    pull.merge_sha = after
                    issue.close(actor, None)

    def _close(self, found: Iterable[Reference], repository: Repository, actor: User, sha: str) -> None:
        for reference in found:
            target = self._target(reference, repository)
            if target is not None and target.pull is None:
                target.close(actor, "completed", commit=sha)

    def _target(self, reference: Reference, repository: Repository) -> Issue | None:
        home = self._forge.find(reference.repository) if reference.repository else repository
        issue = home.issues.get(reference.number) if home is not None else None
        return None if issue is None or issue.gone else issue

    def _system_notes(self, happening: Happening, issue: Issue) -> None:
        before = happening.before
        if "title" in before:
            old, new = marked_difference(str(before["title"]), issue.title)
            note_system(issue, happening.actor, f"changed title from **{old}** to **{new}**", "title")
        if "body" in before:
            note_system(issue, happening.actor, "changed the description", "description")


def note_system(issue: Issue, actor: User, text: str, action: str) -> None:
    """Add a note that the forge writes itself; on GitLab every note moves the issue's ``updated_at``."""
    forge = issue.repository.forge
    now = forge.clock.now()
    issue.comments.append(
        Comment(forge.ids.next("comment"), actor, text, now, now, system=True, action=action)
    )
    issue.touch()


def marked_difference(old: str, new: str) -> tuple[str, str]:
    """Both titles with their differing middles marked ``{-…-}`` and ``{+…+}`` as GitLab marks them."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    gone, come = old[start : len(old) - end], new[start : len(new) - end]
    before, after = old[:start], old[len(old) - end :]
    return (
        f"{before}{{-{gone}-}}{after}" if gone else old,
        f"{before}{{+{come}+}}{after}" if come else new,
    )


def _kind(source: Issue) -> str:
    return "merge request " if source.pull is not None else "issue "
