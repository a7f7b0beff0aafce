"""GitHub: github.com and GitHub Enterprise Server."""

from __future__ import annotations

from collections.abc import Callable

from syncer.forges.connection import Connection, Forge
from syncer.forges.github.app import InstallationToken
from syncer.forges.github.authority import GithubAuthority
from syncer.forges.github.client import GithubClient
from syncer.forges.github.documents import GithubDocuments
from syncer.forges.github.hooks import GithubHooks
from syncer.forges.github.passport import audience, passport, rights
from syncer.forges.github.proposals import GithubProposals
from syncer.forges.github.repository import locate
from syncer.forges.github.tracker import GithubTracker
from syncer.forges.governor import BudgetStore
from syncer.forges.observer import Observer
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
    """Get ready to speak to a GitHub."""
    return WiredForge(
        connection,
        clock,
        budgets=budgets,
        observer=observer,
        notes=notes,
        on_secret=on_secret,
        client=GithubClient,
        locate=locate,
        tracker=GithubTracker,
        documents=GithubDocuments,
        proposals=GithubProposals,
        hooks=GithubHooks,
        passport=passport,
        rights=rights,
        audience=audience,
        authority=GithubAuthority,
        minted=InstallationToken,
    )
