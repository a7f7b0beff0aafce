"""``syncer demo``: the whole loop, watched: five teams, their roadmaps, and both kinds of forge.

What it shows is the product itself: the same run, the same plan, the same requests as against a real
forge. Only the forge is embedded.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import click

from syncer.cli.shared import Exit, reports_errors, stop_signals

_OPENING = (
    "syncer keeps Markdown roadmaps and issues in agreement, both ways.",
    "",
    "What follows is the real thing: the program, the plans and the requests are those that a real forge",
    "would see. Only the forge is embedded, at {url} on this machine.",
)


@click.command("demo")
@click.option(
    "--forge",
    type=click.Choice(["github", "gitlab", "both"]),
    default="both",
    show_default=True,
    help="Which kind of forge to show it on.",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep configuration, state and plans here. Default: a temporary directory, removed afterwards.",
)
@reports_errors
def demo_command(forge: str, directory: Path | None) -> None:
    """Watch the whole loop on the embedded forge: no token, no network, nothing installed.

    Five roadmaps of different shapes are read; their issues and milestones are created; people close
    issues, retitle them and tick boxes; one run carries all of it over; and the next has nothing to do.
    """
    from syncer.cli.demo.story import Teller
    from syncer.cli.progress import progress
    from syncer.sandbox import Sandbox

    kinds = ["github", "gitlab"] if forge == "both" else [forge]
    place = directory or Path(tempfile.mkdtemp(prefix="syncer-demo-"))
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def title(text: str) -> None:
        click.echo()
        click.echo(click.style(f"== {text}", bold=True) if colours else f"== {text}")

    try:
        with stop_signals() as stop, Sandbox() as sandbox:
            for line in _OPENING:
                click.echo(line.format(url=sandbox.url))
            teller = Teller(sandbox, place, click.echo, title, progress(), stop, directory is not None)
            wrong = [problem for kind in kinds if not stop.is_set() for problem in teller.tell(kind)]
    finally:
        if directory is None:
            shutil.rmtree(place, ignore_errors=True)
    click.echo()
    for problem in wrong:
        click.echo(f"syncer: {problem}", err=True)
    if not wrong:
        kept = "nothing was kept" if directory is None else f"configuration and state are in {directory}"
        click.echo(f"Nothing is left to do: all sides agree. That was the demo; {kept}.")
        click.echo('With your own roadmap: README.md, "Use it". Other tries: `syncer sandbox --help`.')
    sys.exit(Exit.FAILED if wrong else Exit.FINE)
