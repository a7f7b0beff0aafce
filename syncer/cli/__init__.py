"""The command line. Results go to standard output, everything else to standard error.

A command's module is imported only when the command is used, so that help answers at once.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from syncer import __version__
from syncer.cli.streams import hide_secrets

# name: (module, what it does); the texts live here so that help needs no import.
_COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("syncer.cli.run", "Bring roadmaps and trackers into agreement, once."),
    "plan": ("syncer.cli.plan", "Work out what a run would do, and save it for review."),
    "apply": ("syncer.cli.plan", "Apply a saved plan."),
    "status": ("syncer.cli.status", "Say where every project stands."),
    "approve": ("syncer.cli.status", "Approve the plan that the guard holds."),
    "check": ("syncer.cli.check", "Say whether roadmaps and trackers agree, for pipelines."),
    "why": ("syncer.cli.why", "Tell an item's story, and what it waits for."),
    "history": ("syncer.cli.history", "List past runs, or show one."),
    "resolve": ("syncer.cli.resolve", "Decide a conflict."),
    "forget": ("syncer.cli.forget", "End a binding, or a file, for good."),
    "adopt": ("syncer.cli.adopt", "Bind issues that exist to lines that exist."),
    "detach": ("syncer.cli.detach", "Leave for good."),
    "serve": ("syncer.cli.serve", "Keep everything in agreement until told to stop."),
    "worker": ("syncer.cli.serve", "Work beside others, for the distributed engine."),
    "hooks": ("syncer.cli.hooks", "Look after the webhooks on the forges."),
    "init": ("syncer.cli.init", "Write a configuration for a checkout, and show the first plan."),
    "doctor": ("syncer.cli.doctor", "Look for what is wrong with the set-up, each with the mend."),
    "parse": ("syncer.cli.parse", "Show what syncer sees in a file, and what it leaves out."),
    "demo": ("syncer.cli.demo", "Watch the whole loop on the embedded forge."),
    "sandbox": ("syncer.cli.sandbox", "Start the embedded forge alone."),
    "config": ("syncer.cli.config", "Show the effective configuration, or its schema."),
    "db": ("syncer.cli.config", "Look after the state database."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: Any = getattr(import_module(_COMMANDS[cmd_name][0]), f"{cmd_name}_command")
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_module, text) in _COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 partly applied, 4 held by the guard, 10 drift.",
)
@click.version_option(__version__, prog_name="syncer")
def cli() -> None:
    """Syncer keeps Markdown roadmaps and GitHub or GitLab issues in agreement, both ways."""


def main() -> None:
    """The entry point of the ``syncer`` command."""
    # Large roadmaps make hundreds of thousands of values that live until the end; looking through
    # them again and again for cycles would take as long as reading the file.
    import gc

    gc.set_threshold(100_000, 50, 50)
    hide_secrets()
    try:
        cli(standalone_mode=True)
    except BrokenPipeError:
        # Whoever reads our output has seen enough.
        sys.stderr.close()
        sys.exit(0)
    except Exception:  # noqa: BLE001  (the last place where a defect can be told without a secret in it)
        import traceback

        traceback.print_exc()
        sys.stderr.write("syncer: this is a defect of syncer; please report it\n")
        sys.exit(1)
