"""GitLab's GraphQL endpoint: one document, or several in an array."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from syncer.sandbox.exchange import Answer
from syncer.sandbox.gitlab.graphql import mutations, nodes
from syncer.sandbox.gitlab.graphql.session import Json, Session
from syncer.sandbox.gitlab.routes.meta import VERSION
from syncer.sandbox.people import Role

__all__ = ["Document", "Session", "execute", "read"]

LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """One query of a request."""

    tree: DocumentNode | None = None
    variables: dict[str, Any] | None = None
    name: str | None = None
    problem: str = ""

    @property
    def operation(self) -> OperationDefinitionNode | None:
        found = [
            part
            for part in (self.tree.definitions if self.tree is not None else ())
            if isinstance(part, OperationDefinitionNode)
            and (self.name is None or (part.name and part.name.value == self.name))
        ]
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Document:
    """A request body: one part, or several in a multiplex."""

    parts: tuple[Part, ...]
    multiplex: bool = False

    @property
    def mutates(self) -> bool:
        operations = [part.operation for part in self.parts]
        return any(found is not None and found.operation is OperationType.MUTATION for found in operations)

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of all root fields."""
        return tuple(
            entry.name.value
            for part in self.parts
            if part.operation is not None
            for entry in part.operation.selection_set.selections
            if isinstance(entry, FieldNode)
        )


def read(body: bytes) -> Document:
    """Read a request body."""
    try:
        values = json.loads(body)
    except ValueError:
        values = None
    if isinstance(values, list):
        return Document(tuple(_part(value) for value in values), multiplex=True)
    return Document((_part(values),))


def execute(session: Session, document: Document) -> Answer:
    """Execute all parts, one after the other."""
    answers = [_execute(session, part) for part in document.parts]
    return Answer(200, answers if document.multiplex else answers[0], created=session.created)


def _part(values: Any) -> Part:
    if not isinstance(values, dict) or not isinstance(values.get("query"), str):
        return Part(problem="Unexpected end of document")
    if len(values["query"]) > LONGEST:
        return Part(problem="Query too large")
    try:
        tree = parse(values["query"])
    except GraphQLError as error:
        return Part(problem=error.message)
    return Part(tree, values.get("variables") or {}, values.get("operationName"))


def _execute(session: Session, part: Part) -> Json:
    if part.tree is None or part.operation is None:
        return {"errors": [{"message": part.problem or "No operation"}]}
    scopes = session.asker.token.scopes if session.asker.token is not None else None
    writes = part.operation.operation is OperationType.MUTATION
    if scopes is not None and not scopes & ({"api"} if writes else {"api", "read_api"}):
        return {"errors": [{"message": "Invalid token"}]}
    schema = _schema(frozenset(session.forge.settings.missing_features))
    wrong = validate(schema, part.tree)
    if wrong:
        return {"errors": [_shown(error) for error in wrong]}
    result = execute_sync(
        schema,
        part.tree,
        root_value=_root(session),
        variable_values=part.variables,
        operation_name=part.name,
    )
    body: Json = {"data": result.data}
    if result.errors:
        for error in result.errors:
            if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
                raise error.original_error  # a bug of the sandbox, not an answer
        body["errors"] = [_shown(error) for error in result.errors]
    return body


@cache
def _schema(missing: frozenset[str]) -> GraphQLSchema:
    text = resources.files(__package__).joinpath("schema.graphql").read_text(encoding="utf-8")
    kept = [
        line for line in text.splitlines() if not any(line.endswith(f"# needs: {name}") for name in missing)
    ]
    return build_schema("\n".join(kept))


def _root(session: Session) -> Json:
    def found(path: str, render: Callable[..., Json]) -> Json | None:
        project = session.forge.find(path)
        if project is None or session.asker.role(project) < Role.READ:
            return None
        return render(session, project)

    def work_item(_info: Any, **arguments: Any) -> Json:
        return nodes.work_item(session, session.work_item(arguments["id"]))

    user = session.asker.user
    return {
        "currentUser": None if user is None else nodes.user(session, user),
        "metadata": {"version": VERSION, "revision": "0000000", "enterprise": True},
        "project": lambda _info, **arguments: found(arguments["fullPath"], nodes.project),
        "namespace": lambda _info, **arguments: found(arguments["fullPath"], nodes.namespace),
        "workItem": work_item,
        "workItemCreate": _resolver(session, mutations.create),
        "workItemUpdate": _resolver(session, mutations.update),
        "workItemDelete": _resolver(session, mutations.delete),
    }


def _resolver(session: Session, mutation: Callable[[Session, Json], Json]) -> Callable[..., Json]:
    def resolve(_info: Any, **arguments: Any) -> Json:
        values = arguments["input"]
        return {**mutation(session, values), "clientMutationId": values.get("clientMutationId")}

    return resolve


def _shown(error: GraphQLError) -> Json:
    entry: Json = {"message": error.message}
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        entry["path"] = error.path
    return entry
