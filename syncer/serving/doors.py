"""The addresses that the service listens on, and what is behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from syncer.daemon.engine import Engine
from syncer.logs import REDACTOR
from syncer.queue.inbox import Reason, Wake
from syncer.receiver.app import application
from syncer.receiver.intake import Intake, Keep, Letter
from syncer.receiver.listener import Listener
from syncer.receiver.status import Status
from syncer.receiver.webhooks import Webhooks
from syncer.serving.secrets import status_token
from syncer.serving.service import Role, Service


def doors(service: Service, base: Path, role: Role = Role.SERVE) -> list[Listener]:
    """Bind the configured addresses. Nothing is answered yet.

    Args:
        service: put together, not started.
        base: the directory that relative paths in the settings refer to.
        role: a worker listens only for operators, and only where ``serve.status_listen`` says so.

    Raises:
        ConfigError: an address is taken, or a secret cannot be used.
    """
    serve = service.serve
    status = Status(service.daemon, service.metrics, token=status_token(serve, base), clean=REDACTOR.clean)
    if role is Role.WORK:
        if not serve.status_listen:
            return []
        return [Listener(serve.status_listen, application(None, status), setting="serve.status_listen")]
    webhooks = Webhooks(
        lambda: service.sites.present.directory,
        Intake(keeper(service.daemon.engine)),
        service.metrics,
        body_limit=serve.body_limit,
    )
    if not serve.status_listen or serve.status_listen == serve.listen:
        return [Listener(serve.listen, application(webhooks, status), setting="serve.listen")]
    first = Listener(serve.listen, application(webhooks, None), setting="serve.listen")
    return [
        first,
        Listener(serve.status_listen, application(None, status), setting="serve.status_listen"),
    ]


def keeper(engine: Engine) -> Keep:
    """What makes webhooks durable: each wakes its projects, unless it did so before and was handled."""

    def keep(letters: Sequence[Letter]) -> list[bool]:
        known = engine.handled({each.delivery for each in letters if each.delivery})
        news = [not all((each.delivery, project) in known for project in each.projects) for each in letters]
        engine.submit(
            [
                Wake(project, Reason.WEBHOOK, delivery=each.delivery, issue=each.issue)
                for each, new in zip(letters, news, strict=True)
                if new
                for project in each.projects
            ]
        )
        return news

    return keep
