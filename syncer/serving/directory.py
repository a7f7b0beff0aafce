"""Who may send webhooks, and whom they concern, as configured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from syncer.receiver.addressees import Addressees, Interest
from syncer.receiver.signatures import keys_of
from syncer.receiver.webhooks import Directory, Sender
from syncer.serving.secrets import webhook_secrets
from syncer.settings import Settings, trackers_of


def directory_of(settings: Settings, base: Path) -> Directory:
    """Everything the receiver needs to know of a configuration.

    Args:
        settings: checked.
        base: the directory that relative paths in them refer to.

    Raises:
        ConfigError: a secret cannot be read, or cannot be one.
    """
    senders = {}
    for name, forge in settings.forges.items():
        secrets = webhook_secrets(settings, base, name)
        senders[name] = Sender(
            name, forge.kind, keys_of(forge.kind, secrets, f"forges.{name}.webhook_secrets")
        )
    return Directory(senders, Addressees(interests_of(settings)))


def interests_of(settings: Settings) -> Iterator[Interest]:
    """Which repositories every project wants to hear of."""
    for name, project in settings.projects.items():
        source = (project.forge, project.repository)
        trackers = [(each.forge, each.repository) for each in trackers_of(project)]
        for place in dict.fromkeys([source, *trackers]):
            yield Interest(name, *place, project.branch, source=place == source, tracker=place in trackers)
