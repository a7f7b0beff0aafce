"""Which roles may triage, in the words of both forges."""

from __future__ import annotations

from typing import Any

import pytest

from syncer.forges.github import wire as github
from syncer.forges.gitlab import wire as gitlab


@pytest.mark.parametrize(
    ("answer", "may"),
    [
        ({"permission": "admin", "role_name": "admin"}, True),
        ({"permission": "write", "role_name": "maintain"}, True),
        ({"permission": "read", "role_name": "triage"}, True),
        ({"permission": "read", "role_name": "read"}, False),
        ({"permission": "none", "role_name": ""}, False),
        ({"permission": "read", "role_name": "guard", "user": {"permissions": {"triage": True}}}, True),
        ({"permission": "read", "role_name": "guest", "user": {"permissions": {"triage": False}}}, False),
        ({"permission": "read"}, False),
        ({"permission": "read", "user": None}, False),
    ],
)
def test_github_roles(answer: dict[str, Any], may: bool) -> None:
    """An organisation's own role is what it rests on; older servers know no ``role_name``."""
    assert github.may_triage(answer) is may


@pytest.mark.parametrize(
    ("member", "may"),
    [
        ({"access_level": 10, "state": "active"}, False),
        ({"access_level": 15, "state": "active"}, True),
        ({"access_level": 20}, True),
        ({"access_level": 50, "state": "active"}, True),
        ({"access_level": 50, "state": "blocked"}, False),
        ({"access_level": 30, "state": "awaiting"}, False),
    ],
)
def test_gitlab_levels(member: dict[str, Any], may: bool) -> None:
    """From planners on, as far as they can sign in."""
    assert gitlab.may_triage(member) is may
