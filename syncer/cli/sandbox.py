"""``syncer sandbox``: the embedded forge alone, for trying things out and for testing other programs."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import click

from syncer.cli.shared import Exit, json_option, reports_errors, stop_signals
from syncer.errors import ConfigError


@click.command("sandbox")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", default=4000, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one."
)
@click.option(
    "--repository",
    "repositories",
    multiple=True,
    metavar="OWNER/NAME=DIRECTORY",
    help="A repository on both forges, with one file, or with a directory's files but those of its hidden "
    "directories. Repeatable.",
)
@click.option("--strict", is_flag=True, help="Refuse unknown tokens instead of making a user of each.")
@click.option("--limits", is_flag=True, help="Enforce the rate limits of the public forges.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every exchange to a file, as lines of JSON.",
)
@json_option
@reports_errors
def sandbox_command(
    host: str,
    port: int,
    repositories: tuple[str, ...],
    strict: bool,
    limits: bool,
    record: Path | None,
    as_json: bool,
) -> None:
    """Start the embedded forge and leave it running until Ctrl-C.

    One address behaves as GitHub (REST and GraphQL) and as GitLab (below /api/v4). Everything is in
    memory and gone at the end. Below /_sandbox/ other programs make repositories and tokens, act as
    people, switch faults on, and read the log of requests; GET /_sandbox/ says what there is.
    """
    from syncer.sandbox import Limits, Sandbox

    wanted = [_repository(text) for text in repositories]
    try:
        forge = Sandbox(
            host=host,
            port=port,
            open_door=not strict,
            limits=Limits.real() if limits else None,
            record_to=record,
        )
    except OSError as error:
        if error.filename is not None:
            raise ConfigError(
                f"cannot be written: {error.strerror}",
                where=f"--record {error.filename}",
                next_step="name a file in a directory that exists",
            ) from None
        raise ConfigError(
            f"cannot listen there: {error.strerror}",
            where=f"{host}:{port}",
            next_step="choose another --port (0 picks a free one) or --host",
        ) from None
    with stop_signals() as stop, forge:
        tokens = {}
        for side, name in ((forge.github, "github"), (forge.gitlab, "gitlab")):
            for path, files in wanted:
                side.repository(path, files=files)
            tokens[name] = side.token("syncer-bot", role="admin")
        if as_json:
            said = {"url": forge.url, "tokens": tokens, "repositories": [path for path, _files in wanted]}
            click.echo(json.dumps(said))
        else:
            for line in _welcome(forge.url, tokens, [path for path, _files in wanted]):
                click.echo(line)
        sys.stdout.flush()
        while not stop.wait(3600):
            time.sleep(0)
    sys.exit(Exit.FINE)


def _welcome(url: str, tokens: dict[str, str], repositories: list[str]) -> list[str]:
    lines = [
        f"GitHub API   {url}            token {tokens['github']}",
        f"GitLab       {url}            token {tokens['gitlab']}",
        f"admin        {url}/_sandbox/",
    ]
    lines += [f"repository   {path} (on both)" for path in repositories]
    lines += [
        "",
        "In syncer.toml:",
        "  [forges.main]",
        '  kind = "github"          # or "gitlab"',
        f'  url = "{url}"',
        "and in the environment: SYNCER_FORGES__MAIN__TOKEN",
        "",
        "Ctrl-C ends it; nothing is kept.",
    ]
    return lines


def _repository(text: str) -> tuple[str, dict[str, bytes | None]]:
    """A repository's path and files, from ``OWNER/NAME=DIRECTORY``."""
    path, separator, place = text.partition("=")
    if not separator or path.count("/") < 1:
        raise click.BadParameter(f"{text!r} is not OWNER/NAME=DIRECTORY", param_hint="--repository")
    root = Path(place)
    if root.is_file():
        return path, {root.name: root.read_bytes()}
    if not root.is_dir():
        raise ConfigError(
            "there is no such directory or file",
            where=f"--repository {place}",
            next_step="name one that exists",
        )
    files: dict[str, bytes | None] = {}
    for directory, inner, names in os.walk(root):
        inner[:] = [name for name in inner if not name.startswith(".")]
        for file in (Path(directory, name) for name in names):
            if file.is_file() and not file.is_symlink():
                files[file.relative_to(root).as_posix()] = file.read_bytes()
    return path, files
