"""The versions of the REST API that this host knows."""

from __future__ import annotations

from syncer.sandbox.exchange import Incoming
from syncer.sandbox.github import problems

VERSIONS = ("2022-11-28", "2026-03-10")
RETIRED = ("2021-01-01",)
HEADER = "x-github-api-version"


def selected(incoming: Incoming) -> str:
    """The version that a request gets."""
    return incoming.headers.get(HEADER, VERSIONS[0])


def check(incoming: Incoming) -> None:
    """400 for a version that never was, 410 for one that is no more."""
    version = incoming.headers.get(HEADER)
    docs = f"{problems.DOCS}/about-the-rest-api/api-versions"
    if version in RETIRED:
        raise problems.problem(410, f"API version {version} is no longer supported.", docs=docs)
    if version is not None and version not in VERSIONS:
        known = ", ".join(VERSIONS)
        message = f"API version {version} does not exist. The following versions are supported: {known}."
        raise problems.problem(400, message, docs=docs)
