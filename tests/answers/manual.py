"""The manual page of the commands: what of it is made by the program itself."""

from __future__ import annotations

import re
from pathlib import Path

import click

from syncer.cli import cli
from tests.answers.scenes import play

MANUAL_PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"

_TRANSCRIPT = re.compile(r"<!-- transcript: (?P<name>[a-z-]+) -->\n```console\n.*?```\n", re.DOTALL)
_OPTIONS = re.compile(r"<!-- options: (?P<name>[a-z ]+) -->\n(?:\|.*\n)*")


def renewed(page: str) -> str:
    """The page with its transcripts played and its options listed anew."""
    return with_options(_TRANSCRIPT.sub(_played, page))


def with_options(page: str) -> str:
    """The page with its options listed anew."""
    return _OPTIONS.sub(_listed, page)


def transcripts(page: str) -> dict[str, str]:
    """The transcripts of the page, by name."""
    return {match["name"]: match[0] for match in _TRANSCRIPT.finditer(page)}


def commands() -> dict[str, click.Command]:
    """All commands, those of groups too, by the words that call them."""
    found: dict[str, click.Command] = {}
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            found |= {f"{name} {sub}": each for sub, each in command.commands.items()}
        elif command is not None:
            found[name] = command
    return found


def _played(match: re.Match[str]) -> str:
    return transcript(match["name"])


def transcript(name: str) -> str:
    """A transcript as it stands in the page."""
    return f"<!-- transcript: {name} -->\n```console\n{play(name)}```\n"


def _listed(match: re.Match[str]) -> str:
    command = commands()[match["name"]]
    context = click.Context(command, info_name=match["name"])
    rows = [f"<!-- options: {match['name']} -->", "| | |", "|---|---|"]
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None or "--help" in parameter.opts:
            continue
        names, text = record
        shown = re.sub(r"\[default: ([^]]*)\]", r"(default: \1)", " ".join(text.split()))
        rows.append(f"| `{_cell(names)}` | {_cell(shown)} |")
    return "\n".join(rows) + "\n" if len(rows) > 3 else f"<!-- options: {match['name']} -->\n"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
