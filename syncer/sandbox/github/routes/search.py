"""Searching issues: an index that lags behind, so that whoever trusts it can be caught."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta

from syncer.sandbox.exchange import Answer
from syncer.sandbox.github import problems
from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.github.pages import paged
from syncer.sandbox.github.render import issues as render
from syncer.sandbox.issues import Issue
from syncer.sandbox.routing import Routes

routes: Routes[GitHubCall] = Routes()

_QUALIFIER = re.compile(r"(repo|is|state|label|author|in|type):(.+)")


@routes.get("/search/issues")
def search_issues(call: GitHubCall) -> Answer:
    """Issues as the index knew them some time ago."""
    query = call.text("q")
    if not query.strip():
        raise problems.validation_failed(problems.field_error("Search", "q", "missing"))
    try:
        words = shlex.split(query)
    except ValueError:
        words = query.split()
    qualifiers = [match.groups() for word in words if (match := _QUALIFIER.fullmatch(word))]
    texts = [word.lower() for word in words if not _QUALIFIER.fullmatch(word)]
    indexed = call.now - timedelta(seconds=call.forge.lag.search)
    found = [
        entry
        for repository in call.forge.repositories.values()
        if call.asker.sees(repository)
        for live in repository.everything()
        if (entry := live.as_of(indexed)) is not None
        and all(_fits(entry, name, value.lower()) for name, value in qualifiers)
        and all(text in f"{entry.title}\n{entry.text}".lower() for text in texts)
    ]
    found.sort(key=lambda entry: entry.created_at, reverse=True)
    page = paged(call, found, lambda entry: {**render.issue(call.view, entry), "score": 1.0})
    page.body = {
        "total_count": len(found),
        "incomplete_results": False,
        "items": page.body,
        "search_type": "lexical",
    }
    return page


def _fits(entry: Issue, name: str, value: str) -> bool:
    if name == "repo":
        return entry.repository.full_name.lower() == value
    if name in ("is", "type", "state"):
        facts = {
            "issue": entry.pull is None,
            "pr": entry.pull is not None,
            "open": not entry.closed,
            "closed": entry.closed,
        }
        return facts.get(value, True)
    if name == "label":
        return any(label.name.lower() == value for label in entry.labels)
    return entry.author.login.lower() == value if name == "author" else True
