"""``make contract``: the tests' traffic against GitHub's own API description.

The description comes from the npm package ``@octokit/openapi``, fetched by name. Every test that talks to
the sandbox writes its exchanges to one file, which is then checked line by line.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.contract_traffic.check import main as check

_PACKAGE = "@octokit/openapi"
_DESCRIPTION = "package/generated/api.github.com.json"
_TESTS = ("tests/sandbox", "tests/contract", "tests/forges", "tests/cli", "tests/e2e")


def main() -> int:
    """Fetch, record, check."""
    npm = shutil.which("npm")
    if npm is None:
        sys.stderr.write("npm is needed to fetch the API description; install it and try again\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="syncer-contract-") as name:
        place = Path(name)
        subprocess.run([npm, "pack", "--silent", _PACKAGE], cwd=place, check=True, stdout=subprocess.DEVNULL)
        (archive,) = place.glob("*.tgz")
        with tarfile.open(archive) as packed:
            packed.extract(_DESCRIPTION, place, filter="data")
        traffic = place / "traffic.jsonl"
        environment = {**os.environ, "SANDBOX_TRAFFIC": str(traffic)}
        command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "-m", "not thorough", *_TESTS]
        tests = subprocess.run(command, env=environment, check=False)
        found = check([str(place / _DESCRIPTION), str(traffic)])
    return tests.returncode or found


if __name__ == "__main__":
    sys.exit(main())
