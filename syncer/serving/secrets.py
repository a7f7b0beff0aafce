"""The secrets that the service itself uses."""

from __future__ import annotations

from pathlib import Path

from syncer.errors import ConfigError
from syncer.serving_settings import ServeSettings
from syncer.settings import Settings


def webhook_secrets(settings: Settings, base: Path, forge: str) -> tuple[str, ...]:
    """The secrets that a forge's webhooks may be signed with; the first is given to new hooks.

    Raises:
        ConfigError: the file with them cannot be read.
    """
    configured = settings.forges[forge]
    found = [each.get_secret_value() for each in configured.webhook_secrets]
    if configured.webhook_secrets_file is not None:
        where = f"forges.{forge}.webhook_secrets_file"
        found += read_secret(base / configured.webhook_secrets_file, where).splitlines()
    return tuple(each for line in found if (each := line.strip()))


def status_token(serve: ServeSettings, base: Path) -> str:
    """What metrics and status want to be shown; empty where nothing is asked for."""
    given = serve.status_token.get_secret_value()
    if given or serve.status_token_file is None:
        return given
    token = read_secret(base / serve.status_token_file, "serve.status_token_file").strip()
    if not token:
        raise ConfigError("the file is empty", where="serve.status_token_file")
    return token


def secrets_of(settings: Settings, base: Path) -> list[str]:
    """All secrets that the service itself uses, for whoever has to hide them."""
    found = [status_token(settings.serve, base)]
    for name, forge in settings.forges.items():
        found += webhook_secrets(settings, base, name)
        proxy = forge.proxy.get_secret_value()
        if proxy != "environment":
            found.append(proxy)
    return found


def read_secret(path: Path, where: str) -> str:
    """A file with a secret. Raises ``ConfigError`` if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError(
            f"the file cannot be read: {reason}", where=where, next_step=f"check {path}"
        ) from None
