r"""The embedded forge: a loopback server that behaves as GitHub and as GitLab do.

It serves the demo, the tests, and whoever wants to try syncer without a forge::

    with Sandbox() as forge:
        repo = forge.github.repository("acme/rune", files={"TODO.md": b"- [ ] first\n"})
        token = forge.github.token("syncer-bot")
        ...  # point a client at forge.url
        repo.issue(1).close(by="alice")

Nothing else in syncer imports this package unless a sandbox is asked for.
"""

from __future__ import annotations

from syncer.sandbox.faults import Fault
from syncer.sandbox.handles import IssueHandle, MilestoneHandle
from syncer.sandbox.limits import Limits
from syncer.sandbox.recording import Counts, Kind, Request
from syncer.sandbox.repository_handle import RepositoryHandle
from syncer.sandbox.sandbox import Sandbox

__all__ = [
    "Counts",
    "Fault",
    "IssueHandle",
    "Kind",
    "Limits",
    "MilestoneHandle",
    "RepositoryHandle",
    "Request",
    "Sandbox",
]
