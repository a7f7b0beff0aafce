"""``python -m tests.chaos --minutes 10``: kill and restart everything under load, and count what is wrong."""

from __future__ import annotations

import argparse
import sys
import time

from tests.chaos.story import tell


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="print every blow")
    given = parser.parse_args()
    began = time.monotonic()

    def say(blow: str) -> None:
        if given.verbose:
            sys.stderr.write(f"{time.monotonic() - began:6.1f} s  {blow}\n")

    outcome = tell(given.minutes, given.seed, say)
    sys.stdout.write("\n".join(outcome.lines()) + "\n")
    sys.exit(0 if outcome.fine else 1)


if __name__ == "__main__":
    main()
