"""Sub-issues of a GitHub repository: which issue stands below which, read and set for many at once.

* A parent has at most 100 sub-issues, closed ones counted, and eight levels stand one below the other
  (docs.github.com, "Adding sub-issues"). ``addSubIssue`` takes node ids, ``replaceParent`` moves a sub-issue.
* A list names an issue's parent in ``parent_issue_url``, and leaves the key out where there is none
  (docs.github.com, "List repository issues").
* An older GitHub Enterprise Server does not know the field ``parent``, which it says without being asked
  twice: a query that names it is refused.
* Mutations of one document run one after the other; what is refused for one of them is in ``errors``
  under its alias (spec.graphql.org, "Errors and Non-Nullability").
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from syncer.errors import Forbidden, Missing, PartlyDone, Rejected
from syncer.forges.github.client import GithubClient
from syncer.forges.governor import WRITE
from syncer.forges.reply import taken
from syncer.forges.repository import Repository
from syncer.forges.shape import number, part, records, text
from syncer.model.tracker import ELSEWHERE, ParentAnswer, ParentChange

MOST_CHILDREN: Final = 100
LEVELS: Final = 8
_AT_ONCE: Final = 100

_ASK: Final = """
query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { issues(first: 1) { nodes { parent { number } } } }
}
"""
_SHOWN: Final = "number parent { number repository { nameWithOwner } }"


class GithubFamilies:
    """Parents and children among the issues of one repository."""

    def __init__(self, client: GithubClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository
        self._nodes: dict[int, str] = {}
        self._lock = threading.Lock()

    def known(self) -> bool:
        """Whether this host has sub-issues, and whether this token may ask for them. One query."""
        try:
            self._client.query(_ASK, self._names())
        except (Rejected, Forbidden):
            return False
        return True

    def remember(self, number: int, node: str) -> None:
        """An issue's id, as an answer told it."""
        if node:
            with self._lock:
                self._nodes[number] = node

    def parents_of(self, numbers: Collection[int]) -> dict[int, int]:
        """One query for a hundred issues."""
        found: dict[int, int] = {}
        asked = sorted(set(numbers))
        for start in range(0, len(asked), _AT_ONCE):
            found |= self._look(asked[start : start + _AT_ONCE])
        return found

    def set_parents(self, changes: Sequence[ParentChange]) -> tuple[ParentAnswer, ...]:
        """One request: a mutation for each change, under an alias of its own."""
        self._find(changes)
        fields: list[str] = []
        types: list[str] = []
        variables: dict[str, str] = {}
        for at, change in enumerate(changes):
            above = change.parent or change.before
            verb, wish = ("addSubIssue", ", replaceParent: true") if change.parent else ("removeSubIssue", "")
            fields.append(
                f"c{at}: {verb}(input: {{issueId: $p{at}, subIssueId: $s{at}{wish}}}) "
                f"{{ subIssue {{ {_SHOWN} }} }}"
            )
            types.append(f"$p{at}: ID!, $s{at}: ID!")
            variables |= {f"p{at}": self._node(above), f"s{at}": self._node(change.number)}
        document = f"mutation({', '.join(types)}) {{\n" + "\n".join(fields) + "\n}"
        problems: dict[str, str] = {}
        try:
            data: Mapping[str, Any] = self._client.mutate(document, variables, WRITE)
        except PartlyDone as partly:
            data, problems = part(partly.answered, "data"), _problems(partly.answered)
        except (Rejected, Forbidden, Missing) as refusal:
            data, problems = {}, {f"c{at}": refusal.what for at in range(len(changes))}
        with taken(self._repository.name):
            return tuple(
                self._answer(change, part(data, f"c{at}"), problems.get(f"c{at}", ""))
                for at, change in enumerate(changes)
            )

    # --- beneath -------------------------------------------------------------------------------

    def _look(self, numbers: Sequence[int]) -> dict[int, int]:
        asked = "\n".join(f"i{each}: issue(number: {each}) {{ id {_SHOWN} }}" for each in numbers)
        document = (
            "query($owner: String!, $name: String!) {\n"
            f"repository(owner: $owner, name: $name) {{\n{asked}\n}}\n}}"
        )
        try:
            data = self._client.query(document, self._names())
        except Missing:
            # One of them is gone, and takes the whole answer with it: the halves are asked for alone.
            if len(numbers) == 1:
                return {}
            middle = len(numbers) // 2
            return self._look(numbers[:middle]) | self._look(numbers[middle:])
        found: dict[int, int] = {}
        for entry in part(data, "repository").values():
            if entry is None:
                continue
            shown = number(entry, "number")
            found[shown] = self._parent(entry)
            self.remember(shown, text(entry, "id"))
        return found

    def _find(self, changes: Sequence[ParentChange]) -> None:
        wanted = {each for change in changes for each in (change.number, change.parent or change.before)}
        self.parents_of(wanted - set(self._nodes))

    def _answer(self, change: ParentChange, entry: Mapping[str, Any], problem: str) -> ParentAnswer:
        if problem or not entry:
            return ParentAnswer(change.number, change.before, problem or "the forge said nothing about it")
        return ParentAnswer(change.number, self._parent(part(entry, "subIssue")))

    def _parent(self, entry: Mapping[str, Any]) -> int:
        above = part(entry, "parent")
        if not above:
            return 0
        home = text(part(above, "repository"), "nameWithOwner")
        return number(above, "number") if home.casefold() == self._repository.name.casefold() else ELSEWHERE

    def _node(self, number: int) -> str:
        node = self._nodes.get(number)
        if node is None:
            raise Missing(f"#{number} was not found", where=self._repository.name, next_step="look again")
        return node

    def _names(self) -> dict[str, str]:
        owner, _, name = self._repository.name.partition("/")
        return {"owner": owner, "name": name}


def _problems(answered: Mapping[str, object]) -> dict[str, str]:
    """What was refused, by alias."""
    found: dict[str, str] = {}
    for error in records(answered.get("errors", []), "errors"):
        path = error.get("path")
        if isinstance(path, list) and path:
            found.setdefault(str(path[0]), str(error.get("message", "refused without a reason")))
    return found
