"""A person at the command line, in this process: a forge over real HTTP, a configuration, a database."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner

from syncer.cli import cli
from syncer.sandbox import IssueHandle, RepositoryHandle, Sandbox
from tests.e2e.world import Result, World
from tests.traffic import RECORD_TO

PARSE = "Parse nested checklists of every roadmap file"
MANUAL = "Write the manual for new maintainers and users"
SHIP = "Ship the first public version to the registry"

ROADMAP = b"""# Plan

## Alpha

- [ ] Parse nested checklists of every roadmap file
- [ ] Write the manual for new maintainers and users
- [ ] Ship the first public version to the registry
"""


class Desk(World):
    """One project, ``rune``, whose roadmap is ``TODO.md``."""

    def syncer(self, *arguments: str, timeout: float = 120) -> Result:
        """Call the command line."""
        del timeout
        with contextlib.chdir(self.directory), patch.dict(os.environ, self.environment):
            result = CliRunner().invoke(cli, list(arguments), prog_name="syncer")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Result(result.exit_code, result.stdout, result.stderr)

    @property
    def repo(self) -> RepositoryHandle:
        return self.repositories["rune"]

    @property
    def text(self) -> str:
        """The roadmap as the branch holds it."""
        return self.repo.file("TODO.md").decode()

    def edit(self, old: str, new: str, path: str = "TODO.md") -> None:
        """A person changes one text of the roadmap and pushes."""
        text = self.repo.file(path).decode()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        self.repo.commit({path: text.replace(old, new).encode()}, by="dave")

    def issue(self, title: str) -> IssueHandle:
        """The one issue of this title."""
        (found,) = (each for each in self.repo.issues() if each.title == title)
        return found

    def sync(self, *arguments: str) -> Result:
        """A run that must end well."""
        result = self.syncer("run", *arguments)
        assert result.code == 0, result.out + result.err
        return result

    def planned(self) -> list[str]:
        """What a run would do now, in words."""
        (project,) = self.syncer("run", "--dry-run", "--json").json["projects"]
        assert project["problem"] is None, project["problem"]
        return [action["text"] for action in project["plan"]["actions"]]

    def holds(self) -> list[str]:
        """The codes of what is held."""
        (project,) = self.syncer("run", "--dry-run", "--json").json["projects"]
        return [hold["code"] for hold in project["plan"]["holds"]]

    def number(self, title: str) -> str:
        return f"#{self.issue(title).number}"


@contextlib.contextmanager
def desk(kind: str, directory: Path, text: bytes = ROADMAP, extra: str = "") -> Iterator[Desk]:
    """A desk whose project was synced once."""
    with Sandbox(record_to=RECORD_TO) as sandbox:
        # It was yesterday: what was created then is not missing from a list because lists lag.
        sandbox.clock.advance(-86_400)
        made = Desk(sandbox, kind, directory)
        made.add("rune", {"TODO.md": text}, extra=f"create_grace = 0\n{extra}")
        yield made
