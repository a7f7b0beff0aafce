"""What a GraphQL query costs: pages must be bounded, nodes are limited, points are counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

MOST_NODES = 500_000
MOST_PER_PAGE = 100

CONNECTIONS = frozenset(
    {
        "assignees",
        "comments",
        "commits",
        "history",
        "issues",
        "labels",
        "milestones",
        "parents",
        "pullRequests",
        "refs",
        "subIssues",
        "timelineItems",
        "userContentEdits",
    }
)


@dataclass
class Estimate:
    """Points and nodes of one document, and what is wrong with its pages."""

    requests: int = 0
    nodes: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def points(self) -> int:
        return max(1, round(self.requests / 100))


def estimate(
    document: DocumentNode, operation: OperationDefinitionNode, variables: dict[str, Any]
) -> Estimate:
    """Add up every connection of an operation, each as often as its parents can occur."""
    result = Estimate()
    fragments = {
        part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)
    }
    _walk(result, operation.selection_set, 1, fragments, variables)
    if result.nodes > MOST_NODES:
        message = (
            f"This query requests up to {result.nodes:,} possible nodes which exceeds the maximum limit "
            f"of {MOST_NODES:,}."
        )
        result.errors.append({"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message})
    return result


def _walk(
    result: Estimate,
    selection: SelectionSetNode | None,
    factor: int,
    fragments: dict[str, FragmentDefinitionNode],
    variables: dict[str, Any],
) -> None:
    for entry in selection.selections if selection is not None else ():
        if isinstance(entry, FragmentSpreadNode):
            if entry.name.value in fragments:
                _walk(result, fragments[entry.name.value].selection_set, factor, fragments, variables)
        elif isinstance(entry, InlineFragmentNode):
            _walk(result, entry.selection_set, factor, fragments, variables)
        elif isinstance(entry, FieldNode):
            below = factor
            if entry.name.value in CONNECTIONS and entry.selection_set is not None:
                size = _size(result, entry, variables)
                result.requests += factor
                result.nodes += factor * size
                below = factor * size
            _walk(result, entry.selection_set, below, fragments, variables)


def _size(result: Estimate, entry: FieldNode, variables: dict[str, Any]) -> int:
    values: dict[str, Any] = {}
    for argument in entry.arguments or ():
        if isinstance(argument.value, IntValueNode):
            values[argument.name.value] = int(argument.value.value)
        elif isinstance(argument.value, VariableNode):
            values[argument.name.value] = variables.get(argument.value.name.value)
    name = entry.name.value
    size = values.get("first") if values.get("first") is not None else values.get("last")
    if size is None:
        message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        result.errors.append({"type": "MISSING_PAGINATION_BOUNDARIES", "message": message})
        return 1
    if not isinstance(size, int) or not 1 <= size <= MOST_PER_PAGE:
        message = (
            f"Requesting {size} records on the `{name}` connection exceeds the `first` limit of "
            f"{MOST_PER_PAGE} records."
        )
        result.errors.append({"type": "EXCESSIVE_PAGINATION", "message": message})
        return 1
    return size
