"""The GraphQL endpoint: reading a document, checking it, executing it, errors in GitHub's shape."""

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
from syncer.sandbox.github import limits, problems
from syncer.sandbox.github.graphql import git_mutations, issue_mutations, lookup, nodes
from syncer.sandbox.github.graphql.cost import Estimate, estimate
from syncer.sandbox.github.graphql.session import Json, Session

__all__ = ["Document", "Session", "execute", "read"]

AUTHENTICATION_DOCS = (
    "https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql"
)

Mutation = Callable[[Session, dict[str, Any]], Json]

_MUTATIONS: dict[str, Mutation] = {
    "addComment": issue_mutations.add_comment,
    "addLabelsToLabelable": issue_mutations.add_labels,
    "addSubIssue": issue_mutations.add_sub_issue,
    "closeIssue": issue_mutations.close_issue,
    "closePullRequest": git_mutations.close_pull,
    "createCommitOnBranch": git_mutations.create_commit,
    "createIssue": issue_mutations.create_issue,
    "createPullRequest": git_mutations.create_pull,
    "createRef": git_mutations.create_ref,
    "deleteRef": git_mutations.delete_ref,
    "enablePullRequestAutoMerge": git_mutations.enable_auto_merge,
    "mergePullRequest": git_mutations.merge_pull,
    "removeLabelsFromLabelable": issue_mutations.remove_labels,
    "removeSubIssue": issue_mutations.remove_sub_issue,
    "reopenIssue": issue_mutations.reopen_issue,
    "pinIssue": issue_mutations.pin_issue,
    "reprioritizeSubIssue": issue_mutations.reprioritize_sub_issue,
    "updateIssue": issue_mutations.update_issue,
    "updatePullRequest": git_mutations.update_pull,
    "updateRef": git_mutations.update_ref,
}


@dataclass(frozen=True, slots=True)
class Document:
    """A request body as far as it could be understood.

    Args:
        problem: why it could not be understood; empty if it could.
        broken: whether it is not even JSON.
    """

    tree: DocumentNode | None = None
    operation: OperationDefinitionNode | None = None
    variables: dict[str, Any] | None = None
    problem: str = ""
    broken: bool = False

    @property
    def mutates(self) -> bool:
        return self.operation is not None and self.operation.operation is OperationType.MUTATION

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of the root fields, one for each time they are asked for."""
        if self.operation is None:
            return ()
        selections = self.operation.selection_set.selections
        return tuple(entry.name.value for entry in selections if isinstance(entry, FieldNode))


def read(body: bytes) -> Document:
    """Read a request body."""
    try:
        values = json.loads(body)
    except ValueError:
        return Document(broken=True)
    if not isinstance(values, dict) or not isinstance(values.get("query"), str):
        return Document(problem="A query attribute must be specified and must be a string.")
    try:
        tree = parse(values["query"])
    except GraphQLError as error:
        return Document(problem=f"Parse error: {error.message}")
    found = [part for part in tree.definitions if isinstance(part, OperationDefinitionNode)]
    wanted = values.get("operationName")
    chosen = [part for part in found if wanted is None or (part.name and part.name.value == wanted)]
    if len(chosen) != 1:
        return Document(tree, problem="An operation name is required")
    return Document(tree, chosen[0], values.get("variables") or {})


def execute(session: Session, document: Document) -> Answer:
    """Execute a document; whatever goes wrong inside is told in a 200."""
    if document.broken:
        raise problems.problem(400, "Problems parsing JSON")
    if session.asker.user is None:
        message = "This endpoint requires you to be authenticated."
        raise problems.problem(401, message, docs=AUTHENTICATION_DOCS)
    tree, operation = document.tree, document.operation
    if document.problem or tree is None or operation is None:
        return Answer(200, {"errors": [{"message": document.problem}]})
    schema = _schema(frozenset(session.forge.settings.missing_features))
    wrong = validate(schema, tree)
    if wrong:
        return Answer(200, {"errors": [_invalid(error) for error in wrong]})
    variables = document.variables or {}
    estimated = estimate(tree, operation, variables)
    if estimated.errors:
        return Answer(200, {"errors": estimated.errors})
    session.cost, session.node_count = estimated.points, estimated.nodes
    result = execute_sync(
        schema,
        tree,
        root_value=_root(session, estimated),
        context_value=session,
        variable_values=variables,
        operation_name=operation.name.value if operation.name else None,
    )
    body: Json = {"data": result.data}
    if result.errors:
        for error in result.errors:
            if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
                raise error.original_error  # a bug of the sandbox, not an answer
        body["errors"] = [_shown(error) for error in result.errors]
        if result.data is None:
            del body["data"]
    return Answer(200, body, {"x-sandbox-cost": str(session.cost)}, created=session.created)


@cache
def _schema(missing: frozenset[str]) -> GraphQLSchema:
    text = resources.files(__package__).joinpath("schema.graphql").read_text(encoding="utf-8")
    kept = [
        line for line in text.splitlines() if not any(line.endswith(f"# needs: {name}") for name in missing)
    ]
    return build_schema("\n".join(kept))


def _root(session: Session, estimated: Estimate) -> Json:
    def repository(_info: Any, *, owner: str, name: str, **arguments: Any) -> Json:
        follow = arguments.get("followRenames", True)
        found = lookup.repository_named(session, owner, name, follow=follow)
        return nodes.repository(session, found)

    def rate_limit(_info: Any, **_arguments: Any) -> Json | None:
        if not limits.measured(session.meter, enterprise=bool(session.view.prefix)):
            return None
        value = limits.standing(session.meter, session.asker, session.now, "graphql")
        return {
            "cost": estimated.points,
            "limit": value.limit,
            "nodeCount": estimated.nodes,
            "remaining": max(0, value.remaining - estimated.points),
            "resetAt": value.reset.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "used": value.used + estimated.points,
        }

    def node(_info: Any, **arguments: Any) -> Json:
        return lookup.node(session, arguments["id"])

    def several(_info: Any, ids: list[str]) -> list[Json]:
        return [lookup.node(session, key) for key in ids]

    root: Json = {
        "repository": repository,
        "rateLimit": rate_limit,
        "node": node,
        "nodes": several,
        "viewer": lambda _info: nodes.viewer(session),
    }
    for name, mutation in _MUTATIONS.items():
        root[name] = _resolver(session, mutation)
    return root


def _resolver(session: Session, mutation: Mutation) -> Callable[..., Json]:
    def resolve(_info: Any, **arguments: Any) -> Json:
        values = arguments["input"]
        return {**mutation(session, values), "clientMutationId": values.get("clientMutationId")}

    return resolve


def _shown(error: GraphQLError) -> Json:
    entry: Json = {}
    kind = (error.extensions or {}).get("type")
    if kind:
        entry["type"] = kind
    if error.path:
        entry["path"] = error.path
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    entry["message"] = error.message
    return entry


def _invalid(error: GraphQLError) -> Json:
    entry = _shown(error)
    code = "undefinedField" if error.message.startswith("Cannot query field") else "argumentNotAccepted"
    return {**entry, "extensions": {"code": code}}
