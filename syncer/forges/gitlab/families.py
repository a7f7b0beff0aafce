"""Child items of a GitLab project: which task stands below which issue, read and set for many at once.

* Parents are told and set by GraphQL only, as the hierarchy of work items. The types of parent and child
  have to fit: a task stands below an issue or an incident, and nothing below a task (docs.gitlab.com,
  "Child items"; ``config/initializers`` of GitLab's hierarchy restrictions).
* A task is created, listed and changed like an issue by REST: ``issue_type=task``, since GitLab 16.3
  (gitlab-org/gitlab!126398, !139694). Before, the lists that syncer reads do not show it.
* Up to 5 000 children stand below one parent (gitlab-org/gitlab!154308).
* A query is at most 10 000 characters long, and at most 250 fields, counted with weights, are answered
  (docs.gitlab.com, "GraphQL API", limits). So the input is in variables, and only complaints are asked for.
* A work item's id is that of the issue that it is: both are one row (``WorkItem`` is a subclass of
  ``Issue``, ``app/models/work_item.rb``).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from syncer.errors import Forbidden, Missing, PartlyDone, Rejected
from syncer.forges.gitlab.client import GitlabClient
from syncer.forges.governor import WRITE
from syncer.forges.reply import taken
from syncer.forges.repository import Repository
from syncer.forges.shape import optional_text, part, record, records, text
from syncer.model.tracker import ELSEWHERE, ParentAnswer, ParentChange

MOST_CHILDREN: Final = 5_000
LEVELS: Final = 2
CHILD_KIND: Final = "task"
_LISTS_TASKS: Final = (16, 3)
_AT_ONCE: Final = 100

_PARENT: Final = "widgets { ... on WorkItemWidgetHierarchy { parent { iid project { fullPath } } } }"
_ASK: Final = f"""
query($path: ID!) {{
  metadata {{ version }}
  project(fullPath: $path) {{ workItems(first: 1) {{ nodes {{ iid {_PARENT} }} }} }}
}}
"""
_LOOK: Final = f"""
query($path: ID!, $iids: [String!]) {{
  project(fullPath: $path) {{ workItems(first: 100, iids: $iids) {{ nodes {{ id iid {_PARENT} }} }} }}
}}
"""


class GitlabFamilies:
    """Parents and children among the work items of one project."""

    def __init__(self, client: GitlabClient, repository: Repository) -> None:
        self._client = client
        self._repository = repository
        self._ids: dict[int, str] = {}
        self._lock = threading.Lock()

    def known(self) -> bool:
        """Whether this instance has child tasks and lists them among the issues. One query."""
        try:
            data = self._client.query(_ASK, {"path": self._repository.name})
        except (Rejected, Forbidden):
            return False
        version = re.match(r"(\d+)\.(\d+)", optional_text(part(data, "metadata"), "version"))
        return version is None or (int(version[1]), int(version[2])) >= _LISTS_TASKS

    def remember(self, number: int, internal_id: int) -> None:
        """An issue's id, as the answer to its creation told it."""
        with self._lock:
            self._ids[number] = f"gid://gitlab/WorkItem/{internal_id}"

    def parents_of(self, numbers: Collection[int]) -> dict[int, int]:
        """One query for a hundred issues."""
        found: dict[int, int] = {}
        wanted = sorted(set(numbers))
        for start in range(0, len(wanted), _AT_ONCE):
            iids = [str(each) for each in wanted[start : start + _AT_ONCE]]
            asked = {"path": self._repository.name, "iids": iids}
            project = part(self._client.query(_LOOK, asked), "project")
            for entry in records(part(project, "workItems").get("nodes", []), "work items"):
                iid = int(text(entry, "iid"))
                found[iid] = self._parent(entry)
                with self._lock:
                    self._ids[iid] = text(entry, "id")
        return found

    def set_parents(self, changes: Sequence[ParentChange]) -> tuple[ParentAnswer, ...]:
        """One request: a mutation for each change, under an alias of its own."""
        wanted = {each for change in changes for each in (change.number, change.parent) if each}
        self.parents_of(wanted - set(self._ids))
        types = ", ".join(f"$i{at}: WorkItemUpdateInput!" for at in range(len(changes)))
        fields = "\n".join(f"c{at}: workItemUpdate(input: $i{at}) {{ errors }}" for at in range(len(changes)))
        document = f"mutation({types}) {{\n{fields}\n}}"
        variables = {
            f"i{at}": {
                "id": self._id(change.number),
                "hierarchyWidget": {"parentId": self._id(change.parent) if change.parent else None},
            }
            for at, change in enumerate(changes)
        }
        problem = ""
        try:
            data: Mapping[str, Any] = self._client.mutate(document, variables, WRITE)
        except PartlyDone as partly:
            data, problem = part(partly.answered, "data"), partly.what
        except (Rejected, Forbidden, Missing) as refusal:
            data, problem = {}, refusal.what
        with taken(self._repository.name):
            return tuple(
                self._answer(change, part(data, f"c{at}"), problem) for at, change in enumerate(changes)
            )

    # --- beneath -------------------------------------------------------------------------------

    def _answer(self, change: ParentChange, entry: Mapping[str, Any], problem: str) -> ParentAnswer:
        if not entry:
            return ParentAnswer(change.number, change.before, problem or "the forge said nothing about it")
        said = entry.get("errors")
        complaints = "; ".join(str(each) for each in said) if isinstance(said, list) else ""
        return ParentAnswer(change.number, change.before if complaints else change.parent, complaints)

    def _parent(self, entry: Mapping[str, Any]) -> int:
        for widget in records(entry.get("widgets") or [], "widgets"):
            if widget.get("parent") is None:
                continue
            above = record(widget["parent"], "parent")
            home = optional_text(part(above, "project"), "fullPath")
            mine = home.casefold() == self._repository.name.casefold()
            return int(text(above, "iid")) if mine else ELSEWHERE
        return 0

    def _id(self, number: int) -> str:
        known = self._ids.get(number)
        if known is None:
            raise Missing(f"#{number} was not found", where=self._repository.name, next_step="look again")
        return known
