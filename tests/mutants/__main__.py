"""Plants bugs one by one and requires that a test notices each: ``python -m tests.mutants [WORD ...]``.

With words, only the bugs whose description holds one of them. Prints each outcome and a total; the exit
code is 1 if a bug went unnoticed, or if a text that was to be replaced is not there any more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mutants.bugs import BUGS, Bug

ROOT = Path(__file__).resolve().parents[2]
FAILED, PASSED = 1, 0


def main(words: list[str]) -> int:
    chosen = [bug for bug in BUGS if not words or any(word in bug.what for word in words)]
    with tempfile.TemporaryDirectory(prefix="syncer-mutants-") as directory:
        copy = Path(directory)
        for name in ("syncer", "tests", "config", "docs"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        files = tuple(dict.fromkeys(test for bug in chosen for test in bug.tests))
        if _run(copy, files) != PASSED:
            _say("the tests fail without any bug; nothing can be said about bugs")
            return 2
        unnoticed = [bug for bug in chosen if not _noticed(copy, bug)]
    _say(f"{len(chosen) - len(unnoticed)} of {len(chosen)} planted bugs were noticed")
    return 1 if unnoticed else 0


def _noticed(copy: Path, bug: Bug) -> bool:
    path = copy / "syncer" / bug.path
    text = path.read_text(encoding="utf-8")
    if text.count(bug.old) != 1:
        _say(f"STALE     {bug.what}: its text stands {text.count(bug.old)} times in {bug.path}")
        return False
    started = time.monotonic()
    path.write_text(text.replace(bug.old, bug.new), encoding="utf-8")
    try:
        for test in bug.tests:
            code = _run(copy, (test,))
            if code == FAILED:
                _say(f"noticed   {bug.what} ({test}, {time.monotonic() - started:.0f} s)")
                return True
            if code != PASSED:
                _say(f"BROKEN    {bug.what}: pytest ended with {code}")
                return False
    finally:
        path.write_text(text, encoding="utf-8")
    _say(f"UNNOTICED {bug.what} ({', '.join(bug.tests)})")
    return False


def _run(copy: Path, tests: tuple[str, ...]) -> int:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not thorough"]
    environment = {**os.environ, "PYTHONPATH": str(copy), "SYNCER_HYPOTHESIS_PROFILE": "ci"}
    done = subprocess.run(
        [*command, *tests], cwd=copy, env=environment, capture_output=True, check=False, timeout=900
    )
    return done.returncode


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
