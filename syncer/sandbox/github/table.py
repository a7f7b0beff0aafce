"""All routes of the GitHub half."""

from __future__ import annotations

from functools import cache

from syncer.sandbox.github.call import GitHubCall
from syncer.sandbox.routing import Router


@cache
def router() -> Router[GitHubCall]:
    """The router, put together on first use."""
    from syncer.sandbox.github.routes import (
        apps,
        branches,
        commits,
        contents,
        git_objects,
        hooks,
        issue_details,
        issues,
        labels,
        members,
        meta,
        milestones,
        pulls,
        repositories,
        search,
        sub_issues,
    )

    return Router(
        part.routes
        for part in (
            issue_details,
            issues,
            sub_issues,
            labels,
            milestones,
            git_objects,
            branches,
            contents,
            commits,
            pulls,
            hooks,
            members,
            apps,
            search,
            repositories,
            meta,
        )
    )
