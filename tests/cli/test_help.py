"""Help answers at once, because nothing heavy is imported for it."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest

from syncer.cli import cli
from tests.cli.desk import Desk

HEAVY = ("alembic", "github", "gitlab", "httpx", "pydantic", "requests", "rich", "sqlalchemy", "structlog")
_SCRIPT = """
import json, sys
from syncer.cli import main
sys.argv = ["syncer", *json.loads(sys.argv[1])]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]], ids=" ".join)
def test_help_imports_no_library_that_takes_long(arguments: list[str]) -> None:
    """Modules, not milliseconds, so that it holds on any machine."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, json.dumps(arguments)], capture_output=True, check=True, text=True
    )

    loaded = {name.partition(".")[0] for name in json.loads(done.stderr)}
    assert "click" in loaded
    assert sorted(loaded & set(HEAVY)) == []
    assert "syncer.sandbox" not in json.loads(done.stderr)


def test_every_command_has_help_and_is_listed(desk: Desk) -> None:
    listing = desk.syncer("--help").out.partition("Commands:\n")[2]
    commands = cli.list_commands(click.Context(cli))

    assert {"run", "plan", "apply", "status", "parse", "demo", "sandbox", "config", "db"} <= set(commands)
    for command in commands:
        assert f"\n  {command} " in f"\n{listing}"
        said = desk.syncer(command, "--help")
        assert said.code == 0
        assert said.out.startswith("Usage: ")
