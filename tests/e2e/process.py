"""Calls of the command line, each in a process of its own that is forked from one that has imported all.

Importing what syncer stands on takes longer than most of the calls that these tests make.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "pytest",
        "syncer.cli.as_json",
        "syncer.cli.render",
        "syncer.cli.run",
        "syncer.cli.runs",
        "syncer.forges.github.client",
        "syncer.forges.gitlab.client",
    ]
)


def call(
    arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], timeout: float
) -> tuple[int, str, str]:
    """Call ``syncer``.

    Args:
        arguments: without the program's name.
        cwd: the working directory.
        environment: all of it.
        timeout: seconds.

    Returns:
        Exit code, standard output, standard error.
    """
    with tempfile.TemporaryDirectory() as place:
        files = (str(Path(place, "out")), str(Path(place, "err")))
        process = _FORKS.Process(target=_main, args=(list(arguments), str(cwd), dict(environment), files))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"syncer {' '.join(arguments)} took more than {timeout} seconds")
        out, err = (Path(file).read_text(encoding="utf-8") for file in files)
        code = process.exitcode
        process.close()
        return code, out, err


def _main(arguments: list[str], cwd: str, environment: dict[str, str], files: tuple[str, str]) -> None:
    from syncer.cli import main

    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    for number, file in enumerate(files, start=1):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding="utf-8", write_through=True)
    sys.argv = ["syncer", *arguments]
    main()
