"""``syncer hooks``: the webhooks on the forges."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from syncer.cli.shared import Exit, config_option, json_option, print_error, project_option, reports_errors
from syncer.errors import ConfigError, SyncerError
from syncer.forges.hooks import Hooks, RemoteHook
from syncer.settings import Settings
from syncer.wiring import Workshop


@dataclass(frozen=True, slots=True)
class _Place:
    """One repository that projects follow, and where its events should go."""

    forge: str
    repository: str
    url: str
    secret: str
    hooks: Hooks

    @property
    def ours(self) -> list[RemoteHook]:
        """The hooks with our address."""
        return [hook for hook in self.hooks.all() if hook.url.rstrip("/") == self.url]


@click.group("hooks")
def hooks_command() -> None:
    """Look after the webhooks on the forges.

    They are found by their address, which is serve.public_url and /webhooks/FORGE. The token has to
    administrate the repositories.
    """


@hooks_command.command("install")
@config_option
@project_option
@reports_errors
def install(config: Path | None, projects: tuple[str, ...]) -> None:
    """Make the webhooks that are missing, and mend those that are not well.

    Every hook of ours gets the first of the forge's webhook_secrets, so this is also how a secret is
    changed: put the new one first, keep the old one, run this, and remove the old one.
    """
    with _places(config, projects, read_only=False) as places:
        _each(places, _install)


@hooks_command.command("status")
@config_option
@project_option
@json_option
@reports_errors
def status(config: Path | None, projects: tuple[str, ...], as_json: bool) -> None:
    """Say which webhooks are there, and what is wrong with them. Ends with 1 if anything is."""
    rows: list[dict[str, Any]] = []

    def look(place: _Place) -> str:
        found = place.ours
        problem = "; ".join(filter(None, map(_trouble, found))) if found else "there is no webhook"
        if len(found) > 1:
            problem = "; ".join(filter(None, [f"there are {len(found)} webhooks with our address", problem]))
        rows.append({"forge": place.forge, "repository": place.repository, "problem": problem})
        return problem or "well"

    with _places(config, projects, read_only=True) as places:
        _each(places, look, say=not as_json)
    if as_json:
        click.echo(json.dumps({"hooks": rows}, ensure_ascii=False, indent=2))
    if any(row["problem"] for row in rows):
        sys.exit(Exit.FAILED)


@hooks_command.command("remove")
@config_option
@project_option
@reports_errors
def remove(config: Path | None, projects: tuple[str, ...]) -> None:
    """Remove the webhooks with our address. Others are left alone."""

    def take_away(place: _Place) -> str:
        found = place.ours
        for hook in found:
            place.hooks.remove(hook)
        return "removed" if found else "there was none"

    with _places(config, projects, read_only=False) as places:
        _each(places, take_away)


def _install(place: _Place) -> str:
    if not place.secret:
        raise ConfigError(
            "there is no secret for its webhooks",
            where=f"forges.{place.forge}.webhook_secrets",
            next_step="make one with `openssl rand -hex 32`, and give it by file or environment",
        )
    found = place.ours
    if not found:
        place.hooks.create(place.url, place.secret)
        return "made"
    place.hooks.mend(found[0], place.secret)
    for extra in found[1:]:
        place.hooks.remove(extra)
    return "brought up to date" + (f"; {len(found) - 1} others of ours removed" if found[1:] else "")


def _trouble(hook: RemoteHook) -> str:
    parts = [] if hook.active else ["it is switched off"]
    if not hook.signed:
        parts.append("it has no secret")
    if hook.missing:
        parts.append(f"it does not send {', '.join(hook.missing)}")
    return "; ".join([*parts, *([hook.problem] if hook.problem else [])])


def _each(places: list[_Place], work: Any, *, say: bool = True) -> None:
    """Do something at every place; one that fails does not keep us from the others."""
    failed = False
    for place in places:
        try:
            result = work(place)
        except SyncerError as error:
            print_error(error, project=f"{place.forge}:{place.repository}")
            failed = True
            continue
        if say:
            click.echo(f"{place.forge}:{place.repository}: {result}")
    if failed:
        sys.exit(Exit.FAILED)


@contextmanager
def _places(config: Path | None, projects: tuple[str, ...], *, read_only: bool) -> Iterator[list[_Place]]:
    from syncer.clock import SystemClock
    from syncer.settings import find_file, load
    from syncer.wiring import workshop

    path = find_file(config)
    settings = load(path)
    if not settings.serve.public_url:
        raise ConfigError(
            "it is not known where the forges reach us",
            where="serve.public_url",
            next_step='for example public_url = "https://syncer.example.org"',
        )
    with workshop(settings, path.parent, SystemClock(), read_only=read_only) as shop:
        yield list(_all_places(shop, settings, path.parent, shop.names(projects)))


def _all_places(shop: Workshop, settings: Settings, base: Path, names: list[str]) -> Iterator[_Place]:
    from syncer.serving.secrets import webhook_secrets
    from syncer.settings import trackers_of

    wanted: dict[tuple[str, str], None] = {}
    for name in names:
        project = settings.projects[name]
        wanted[project.forge, project.repository] = None
        wanted.update({(each.forge, each.repository): None for each in trackers_of(project)})
    for forge, repository in wanted:
        hooks = shop.forge(forge).hooks(repository)
        if hooks is not None:
            secrets = webhook_secrets(settings, base, forge)
            url = f"{settings.serve.public_url}/webhooks/{forge}"
            yield _Place(forge, repository, url, secrets[0] if secrets else "", hooks)
