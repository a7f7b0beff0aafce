"""``syncer doctor``: what is wrong with a set-up, and how it is mended."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncer.cli.shared import Exit, config_option, json_option, reports_errors
from syncer.errors import ConfigError

if TYPE_CHECKING:
    from syncer.cli.doctor_checks import Finding

_UNSOUND = Exit.USAGE


@click.command("doctor")
@config_option
@json_option
@reports_errors
def doctor_command(config: Path | None, as_json: bool) -> None:
    """Look for what is wrong with the set-up, before it matters.

    Configuration, addresses and certificates, tokens and what they may do, repositories, branches and
    their rules, roadmaps, the state database, the clock: each finding comes with what mends it. Nothing
    is written anywhere. Ends with 0 if nothing is in the way of a run, else with 2.
    """
    from syncer.cli.doctor_checks import Grade
    from syncer.logs import REDACTOR

    found: list[Finding] = []
    for finding in _findings(config):
        found.append(finding)
        if not as_json:
            click.echo(REDACTOR.clean(f"{finding.grade.value:<5}{finding.place}: {finding.what}"))
            if finding.mend:
                click.echo(REDACTOR.clean(f"     -> {finding.mend}"))
    bad = sum(finding.grade is Grade.BAD for finding in found)
    if as_json:
        payload = {
            "sound": not bad,
            "findings": [
                {"place": each.place, "grade": each.grade.value, "what": each.what, "mend": each.mend}
                for each in found
            ],
        }
        click.echo(json.dumps(REDACTOR.clean(payload), ensure_ascii=False, indent=2))
    else:
        click.echo(f"{bad} to be mended" if bad else "Nothing is in the way of a run.")
    sys.exit(_UNSOUND if bad else Exit.FINE)


def _findings(config: Path | None) -> Iterator[Finding]:
    from syncer.cli.doctor_checks import Checkup, Finding, Grade
    from syncer.clock import SystemClock
    from syncer.settings import find_file, load

    try:
        path = find_file(config)
        settings = load(path)
    except ConfigError as error:
        where = f"{error.where}: " if error.where else ""
        yield Finding("configuration", Grade.BAD, f"{where}{error.what}", error.next_step)
        return
    yield from Checkup(settings, path, SystemClock(threading.Event())).findings()
