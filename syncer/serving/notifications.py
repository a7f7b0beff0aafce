"""Receivers of notifications as configured, and what a run means to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from syncer.daemon.landing import Landing, Next
from syncer.errors import ConfigError
from syncer.logs import REDACTOR
from syncer.model.ledger import RunOutcome
from syncer.model.plan import Hold, Severity, action_digest
from syncer.notification_settings import ReceiverSettings, is_address
from syncer.notify.news import Detail, Stand, Topic
from syncer.notify.outbox import Interest, Outbox
from syncer.notify.postbox import Postbox, nobody
from syncer.notify.sending import Receiver, Sender
from syncer.ports import Notes
from syncer.service.report import RunReport
from syncer.serving.secrets import read_secret
from syncer.settings import Settings

_TOPICS = {Severity.CONFLICT: Topic.CONFLICT, Severity.QUESTION: Topic.QUESTION}


def postbox_of(
    settings: Settings,
    base: Path,
    notes: Callable[[], Notes],
    counted: Callable[[str, str], None] = nobody,
) -> Postbox | None:
    """The postbox of a configuration; ``None`` where nobody wants to be told anything.

    Args:
        settings: checked.
        base: the directory that relative paths in them refer to.
        notes: gives what is kept in the state database.
        counted: told a receiver's name and what came of an attempt.

    Raises:
        ConfigError: a receiver cannot be used.
    """
    configured = settings.notifications
    if not configured.webhooks:
        return None
    interests = []
    senders = []
    for name, each in configured.webhooks.items():
        senders.append(Sender(_receiver(name, each, base), REDACTOR.clean))
        topics = frozenset(Topic(topic) for topic in each.topics)
        interests.append(Interest(name, topics, frozenset(each.projects)))
    return Postbox(Outbox(notes()), senders, interests, patience=configured.patience, counted=counted)


def stand_of(report: RunReport, landing: Landing) -> Stand:
    """What a run means to people outside."""
    plan, problem = report.plan, report.problem
    stand = Stand(report.project, report.run, report.started_at, well=landing.next is Next.REST)
    if plan is not None:
        stand = replace(
            stand, details=tuple(_detail(each) for each in plan.holds if each.severity in _TOPICS)
        )
        if report.outcome is RunOutcome.HELD:
            digests = frozenset(action_digest(each) for each in plan.effects)
            stand = replace(stand, held=report.verdict.reasons, digests=digests)
    if landing.next is Next.PARK:
        cause = type(problem).__name__ + (
            f" {problem.where}" if problem is not None and problem.where else ""
        )
        reason = landing.reason or "see `syncer status`"
        stand = replace(stand, parked=reason, remedy=landing.remedy, cause=cause)
    return stand


def _detail(hold: Hold) -> Detail:
    subject = hold.subject
    place = f"{subject.path}:{subject.line}" if subject.line else subject.path
    number = f" #{subject.number}" if subject.number else ""
    return Detail(
        hold.digest,
        _TOPICS[hold.severity],
        f"{place}{number}",
        subject.title,
        f"{hold.reason} ({hold.field.value})",
        hold.remedy,
    )


def _receiver(name: str, settings: ReceiverSettings, base: Path) -> Receiver:
    where = f"notifications.webhooks.{name}"
    url = _given(settings.url.get_secret_value(), settings.url_file, base, f"{where}.url")
    if not is_address(url):
        raise ConfigError(
            "is not an http(s) address without user name" if url else "has no address",
            where=f"{where}.url",
            next_step=f"give it by SYNCER_NOTIFICATIONS__WEBHOOKS__{name.upper()}__URL, or url_file",
        )
    secret = _given(settings.secret.get_secret_value(), settings.secret_file, base, f"{where}.secret")
    for text in (url, secret, settings.proxy.get_secret_value()):
        REDACTOR.add(text)
    return Receiver(
        name,
        url,
        slack=settings.format == "slack",
        secret=secret,
        ca_bundle=str(base / settings.ca_bundle) if settings.ca_bundle is not None else "",
        proxy=settings.proxy.get_secret_value(),
        timeout=settings.timeout,
    )


def _given(text: str, file: Path | None, base: Path, where: str) -> str:
    if text and file is not None:
        raise ConfigError("is given twice", where=where, next_step=f"take {where} or {where}_file out")
    return read_secret(base / file, f"{where}_file").strip() if file is not None else text
