"""GitLab: gitlab.com and self-managed installations."""

from __future__ import annotations

from collections.abc import Callable

from syncer.forges.connection import Connection, Forge
from syncer.forges.gitlab.authority import GitlabAuthority
from syncer.forges.gitlab.client import GitlabClient
from syncer.forges.gitlab.documents import GitlabDocuments
from syncer.forges.gitlab.hooks import GitlabHooks
from syncer.forges.gitlab.known_commits import KnownProjects
from syncer.forges.gitlab.passport import audience, passport, rights
from syncer.forges.gitlab.proposals import GitlabProposals
from syncer.forges.gitlab.repository import locate
from syncer.forges.gitlab.tracker import GitlabTracker
from syncer.forges.governor import BudgetStore
from syncer.forges.observer import Observer
from syncer.forges.repository import Repository
from syncer.forges.wiring import WiredForge
from syncer.ports import Clock, Notes


def connect(
    connection: Connection,
    clock: Clock,
    *,
    budgets: BudgetStore | None,
    observer: Observer | None,
    notes: Notes,
    on_secret: Callable[[str], None] | None,
) -> Forge:
    """Get ready to speak to a GitLab."""
    known = KnownProjects()

    def documents(client: GitlabClient, repository: Repository) -> GitlabDocuments:
        return GitlabDocuments(client, repository, known.of(repository.name))

    return WiredForge(
        connection,
        clock,
        budgets=budgets,
        observer=observer,
        notes=notes,
        on_secret=on_secret,
        client=GitlabClient,
        locate=locate,
        tracker=GitlabTracker,
        documents=documents,
        proposals=GitlabProposals,
        hooks=GitlabHooks,
        passport=passport,
        rights=rights,
        audience=audience,
        authority=GitlabAuthority,
    )
