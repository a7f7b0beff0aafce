"""``syncer config`` and ``syncer db``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from syncer.cli.shared import config_option, project_option, reports_errors


@click.group("config")
def config_command() -> None:
    """Show the effective configuration, or its schema."""


@config_command.command("show")
@config_option
@reports_errors
def show(config: Path | None) -> None:
    """The effective configuration as JSON: file, secrets and environment together, secrets masked."""
    from syncer.settings import find_file, load

    settings = load(find_file(config))
    click.echo(json.dumps(settings.model_dump(mode="json"), indent=2, ensure_ascii=False))


@config_command.command("schema")
def schema() -> None:
    """The JSON schema of the configuration."""
    from syncer.settings import schema_text

    click.echo(schema_text(), nl=False)


@click.group("db")
def db_command() -> None:
    """Look after the state database."""


@db_command.command("upgrade")
@config_option
@reports_errors
def upgrade(config: Path | None) -> None:
    """Bring the state database to the present schema."""
    from syncer.clock import SystemClock
    from syncer.ledger.upgrade import HEAD
    from syncer.settings import find_file, load
    from syncer.wiring import workshop

    path = find_file(config)
    settings = load(path)
    if settings.state.ref("any"):
        click.echo("the state is kept on refs of the source repositories, and has no schema")
        return
    with workshop(settings, path.parent, SystemClock()) as shop:
        shop.ledger.load("")
    click.echo(f"the state database has schema {HEAD}")
    if settings.serve.engine == "procrastinate":
        from syncer.queue.postgres import upgrade as upgrade_engine

        click.echo(f"the engine's own schema: {upgrade_engine(settings.state.url)}")


@db_command.command("restored")
@config_option
@project_option
@reports_errors
def restored(config: Path | None, projects: tuple[str, ...]) -> None:
    """Say that the state database was restored from a backup.

    What it says about agreed values is older than the world, so it is not believed any more: equal
    values are settled anew by the next run, different ones are held. A SQLite file that was put back is
    recognised without this; a server's database cannot be.
    """
    from syncer.clock import RandomIds, SystemClock
    from syncer.service.book import Book
    from syncer.service.restored import distrust
    from syncer.settings import find_file, load
    from syncer.wiring import workshop

    path, clock = find_file(config), SystemClock()
    with workshop(load(path), path.parent, clock) as shop:
        for name in shop.names(projects):
            with shop.ledger.lease(name):
                book = Book(shop.ledger, name, RandomIds(clock).run_id(), clock)
                distrust(book, "a person said that the state database was restored")
            click.echo(f"{name}: the next run compares {len(book.bindings)} items anew")
