"""``syncer doctor`` on nine set-ups, one of them good: ``python -m tests.cli.doctor_transcript``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from syncer.sandbox import Sandbox
from tests.cli import test_doctor as set_ups
from tests.cli.desk import Desk

SCENES: tuple[tuple[str, Callable[[Desk], None]], ...] = (
    ("a good set-up", set_ups.sound),
    ("a key that is mistyped", set_ups._no_configuration),
    ("no token", set_ups._no_token),
    ("a token that has expired", set_ups._expired_token),
    ("a fine-grained token that may not write issues", set_ups._fine_grained_without_issues),
    ("an address where nobody answers", set_ups._wrong_address),
    ("a repository that was archived", set_ups._archived),
    ("a protected branch, and requests ruled out", set_ups._protected),
    ("a roadmap that is not there, and a state directory that is not there", set_ups._no_roadmap),
)


def main() -> None:
    """Print the transcript. The sandbox's port and the directory are made readable."""
    for title, prepare in SCENES:
        with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox:
            desk = Desk(Path(name), sandbox)
            prepare(desk)
            if "state directory" in title:
                with desk.config.open("a") as file:
                    file.write('[state]\nurl = "sqlite:///state/syncer.db"\n')
            said = desk.syncer("doctor")
            text = (said.out + said.err).replace(name, "/srv/syncer").replace(sandbox.url, "http://forge")
        sys.stdout.write(f"## {title}\n\n$ syncer doctor\n{text.rstrip()}\n$ echo $?\n{said.code:d}\n\n")


if __name__ == "__main__":
    main()
