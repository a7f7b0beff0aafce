"""Asking GitHub's GraphQL API."""

from __future__ import annotations

from typing import Any

import httpx


def ask(client: httpx.Client, query: str, **variables: Any) -> dict[str, Any]:
    """The whole answer of a GraphQL request, which is a 200."""
    answer = client.post("/graphql", json={"query": query, "variables": variables})
    assert 200 == answer.status_code, answer.text
    body: dict[str, Any] = answer.json()
    return body


def data(client: httpx.Client, query: str, **variables: Any) -> Any:
    """The data of a GraphQL request without errors."""
    body = ask(client, query, **variables)
    assert "errors" not in body, body
    return body["data"]
