"""``syncer parse``: what syncer sees in a file, with lines, and what it leaves out and why."""

from __future__ import annotations

import json
from pathlib import Path

import click

from syncer.cli.shared import json_option, reports_errors
from syncer.errors import RoadmapError


@click.command("parse")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.option("--size-limit", default=5 * 1024 * 1024, show_default=True, help="Largest file, in bytes.")
@reports_errors
def parse_command(file: Path, as_json: bool, size_limit: int) -> None:
    """Show what syncer sees in FILE, and what it leaves out and why. No forge is asked."""
    from syncer.cli.as_json import document_json
    from syncer.roadmap.parse import parse

    document = parse(file.as_posix(), read_file(file, size_limit), size_limit=size_limit)
    if as_json:
        click.echo(json.dumps(document_json(document), ensure_ascii=False, indent=2))
        return
    from syncer.cli.outline import outline_lines

    for line in outline_lines(document):
        click.echo(line)


def read_file(file: Path, size_limit: int) -> bytes:
    """A file's bytes, if it is one that may be a roadmap.

    Raises:
        RoadmapError: it is missing, no regular file, a link, part of a submodule, or too large.
    """
    where = file.as_posix()
    if file.is_symlink():
        raise RoadmapError(
            "is a symbolic link; syncer never follows one",
            where=where,
            next_step="name the file itself",
            code="symlink",
        )
    if not file.exists():
        raise RoadmapError("there is no such file", where=where, next_step="check the path", code="missing")
    if file.is_dir():
        what = "is a submodule, not a file" if (file / ".git").is_file() else "is a directory, not a file"
        code = "submodule" if (file / ".git").is_file() else "directory"
        raise RoadmapError(what, where=where, next_step="name a Markdown file", code=code)
    if not file.is_file():
        raise RoadmapError(
            "is no regular file", where=where, next_step="name a Markdown file", code="special"
        )
    try:
        size = file.stat().st_size
        if size > size_limit:
            raise RoadmapError(
                f"the file has {size:,} bytes, more than the limit of {size_limit:,}",
                where=where,
                next_step="split it, or raise the limit",
                code="too-large",
            )
        return file.read_bytes()
    except OSError as error:
        raise RoadmapError(
            f"cannot be read: {error.strerror}",
            where=where,
            next_step="check its permissions",
            code="unreadable",
        ) from None
