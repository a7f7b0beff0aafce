"""All routes of the GitLab half; their paths begin after ``/api/v4``."""

from __future__ import annotations

from functools import cache

from syncer.sandbox.gitlab.call import GitLabCall
from syncer.sandbox.routing import Router


@cache
def router() -> Router[GitLabCall]:
    """The router, put together on first use."""
    from syncer.sandbox.gitlab.routes import (
        branches,
        commits,
        files,
        hooks,
        issue_details,
        issues,
        labels,
        members,
        merge_requests,
        meta,
        milestones,
        projects,
    )

    return Router(
        part.routes
        for part in (
            issues,
            issue_details,
            milestones,
            labels,
            commits,
            files,
            branches,
            merge_requests,
            hooks,
            members,
            projects,
            meta,
        )
    )
