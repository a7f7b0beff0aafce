"""All measurements, one after the other: ``python -m tests.benchmarks [names]``, or ``make bench``.

A name is that of a module without its ``bench_``: ``python -m tests.benchmarks reading``.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Sequence

import tests.benchmarks

_PREFIX = "bench_"


def names() -> list[str]:
    """What can be measured."""
    found = (module.name for module in pkgutil.iter_modules(tests.benchmarks.__path__))
    return sorted(name.removeprefix(_PREFIX) for name in found if name.startswith(_PREFIX))


def main(wanted: Sequence[str]) -> int:
    """Run what is named, or everything."""
    known = names()
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"no such measurement: {', '.join(unknown)} (there are {', '.join(known)})", file=sys.stderr)
        return 2
    for at, name in enumerate(wanted or known):
        print(f"{'' if at == 0 else chr(10)}== {name} ==\n", flush=True)
        importlib.import_module(f"tests.benchmarks.{_PREFIX}{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
