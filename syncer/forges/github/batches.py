"""Several issues in one request: a GraphQL mutation for each, under an alias of its own.

* Mutations of one document run one after the other; what is refused for one of them is in ``errors`` under
  its alias, and the others take effect all the same (spec.graphql.org, "Errors and Non-Nullability").
* ``createIssue`` wants node ids of the repository, the milestone and the labels (docs.github.com, GraphQL,
  input object ``CreateIssueInput``); they are asked for once.
* More than ten at a time were refused or done by half in practice (edimuj/tokenlean#24, Skydio/revup#271).
* Whether GitHub counts a request or each issue as created content is not documented. Its refusal, "was
  submitted too quickly", names the issue, so each of them is accounted for.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from syncer.errors import PartlyDone, RateLimited, Rejected, SyncerError, UnknownFate
from syncer.forges.github import wire
from syncer.forges.github.client import GithubClient
from syncer.forges.governor import ISSUE_CREATION
from syncer.forges.reply import taken
from syncer.forges.repository import Repository
from syncer.forges.shape import number, part, records, text
from syncer.model.identity import TrackerId
from syncer.model.tracker import Issue, IssueDraft

MOST_TOGETHER: Final = 10

_SHOWN: Final = """
fragment Shown on Issue {
  number fullDatabaseId title body state stateReason(enableDuplicate: true) url createdAt updatedAt locked
  author { __typename login }
  milestone { number }
  labels(first: 100) { nodes { name } }
  assignees(first: 20) { nodes { login } }
}
"""
_EVERYTHING: Final = (
    "milestones(first: 100, states: [OPEN, CLOSED]) { nodes { id number } } "
    "labels(first: 100) { nodes { id name } }"
)
_REFUSALS: Final = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES", "NOT_FOUND", "UNPROCESSABLE"})
_TOO_QUICKLY: Final = "submitted too quickly"


class GithubBatches:
    """Creates several issues of one repository at a time. Safe to share between threads."""

    def __init__(self, client: GithubClient, repository: Repository, tracker: TrackerId) -> None:
        self._client = client
        self._repository = repository
        self._id = tracker
        self._home = ""
        self._milestones: dict[int, str] = {}
        self._labels: dict[str, str] = {}
        self._lock = threading.Lock()

    def create(self, drafts: Sequence[IssueDraft]) -> tuple[Issue | SyncerError, ...]:
        """One request that writes; before the first one, a query for the ids.

        Args:
            drafts: without assignees, at most :data:`MOST_TOGETHER`.

        Returns:
            In the same order, what was created, or why it was not; ``UnknownFate`` where that is not known.

        Raises:
            SyncerError: as for any write; none was created unless it is ``UnknownFate``.
        """
        inputs = self._inputs(drafts)
        types = ", ".join(f"$c{at}: CreateIssueInput!" for at in range(len(drafts)))
        fields = "\n".join(
            f"c{at}: createIssue(input: $c{at}) {{ issue {{ ...Shown }} }}" for at in range(len(drafts))
        )
        document = f"mutation({types}) {{\n{fields}\n}}\n{_SHOWN}"
        problems: dict[str, Mapping[str, Any]] = {}
        try:
            data = self._client.mutate(
                document,
                {f"c{at}": each for at, each in enumerate(inputs)},
                replace(ISSUE_CREATION, what="creating issues", pool="graphql", times=len(drafts)),
            )
        except PartlyDone as partly:
            data, problems = part(partly.answered, "data"), _by_alias(partly.answered)
        with taken(str(self._id)):
            return tuple(self._outcome(data, problems, f"c{at}") for at in range(len(drafts)))

    # --- beneath -------------------------------------------------------------------------------

    def _outcome(
        self, data: Mapping[str, Any], problems: Mapping[str, Mapping[str, Any]], alias: str
    ) -> Issue | SyncerError:
        entry = part(part(data, alias), "issue")
        if entry:
            return wire.issue_node(self._id, entry)
        problem = problems.get(alias, {})
        said, kind = str(problem.get("message") or "no reason given"), str(problem.get("type") or "").upper()
        where = str(self._id)
        if _TOO_QUICKLY in said or kind == "RATE_LIMITED":
            return RateLimited(f"the forge refuses this for now: {said}", where=where)
        if kind in _REFUSALS:
            return Rejected(f"the forge refuses this: {said}", where=where, next_step="nothing was changed")
        return UnknownFate(
            f"the forge did not say what became of it: {said}",
            where=where,
            next_step="syncer looks for the effect before it does anything else",
        )

    def _inputs(self, drafts: Sequence[IssueDraft]) -> list[dict[str, Any]]:
        """What the mutations are given. Asks for ids that are not known yet."""
        with self._lock:
            milestones = {each.milestone for each in drafts if each.milestone is not None}
            labels = {label.casefold(): label for each in drafts for label in each.labels}
            if not self._home:
                self._ask(_EVERYTHING, {})
            unknown = sorted(milestones - set(self._milestones))
            unnamed = sorted(name for key, name in labels.items() if key not in self._labels)
            if unknown or unnamed:
                wanted = [f"m{key}: milestone(number: {key}) {{ id number }}" for key in unknown]
                wanted += [f"l{at}: label(name: $l{at}) {{ id name }}" for at in range(len(unnamed))]
                self._ask(" ".join(wanted), {f"l{at}": name for at, name in enumerate(unnamed)})
            return [self._input(each) for each in drafts]

    def _ask(self, wanted: str, labels: Mapping[str, str]) -> None:
        """Learn ids. Raises ``Missing`` where something is not there."""
        owner, _, name = self._repository.name.partition("/")
        types = "".join(f", ${key}: String!" for key in labels)
        document = (
            f"query($owner: String!, $name: String!{types}) "
            f"{{ repository(owner: $owner, name: $name) {{ id {wanted} }} }}"
        )
        data = part(self._client.query(document, {"owner": owner, "name": name, **labels}), "repository")
        self._home = text(data, "id")
        for key, value in data.items():
            if key == "id" or value is None:
                continue
            for node in records(value.get("nodes", [value]), key):
                if "number" in node:
                    self._milestones[number(node, "number")] = text(node, "id")
                else:
                    self._labels[text(node, "name").casefold()] = text(node, "id")

    def _input(self, draft: IssueDraft) -> dict[str, Any]:
        body: dict[str, Any] = {"repositoryId": self._home, "title": draft.title, "body": draft.body}
        try:
            if draft.milestone is not None:
                body["milestoneId"] = self._milestones[draft.milestone]
            if draft.labels:
                body["labelIds"] = [self._labels[name.casefold()] for name in sorted(draft.labels)]
        except KeyError as missing:
            raise Rejected(
                f"there is no label or milestone {missing}",
                where=str(self._id),
                next_step="nothing was changed",
            ) from None
        return body


def _by_alias(answered: Mapping[str, object]) -> dict[str, Mapping[str, Any]]:
    """What went wrong, by the alias that it happened under."""
    found: dict[str, Mapping[str, Any]] = {}
    errors = answered.get("errors")
    for error in errors if isinstance(errors, list) else []:
        path = error.get("path") if isinstance(error, dict) else None
        if isinstance(path, list) and path:
            found.setdefault(str(path[0]), error)
    return found
