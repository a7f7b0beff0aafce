"""What all tests share: how hard the property tests try.

``SYNCER_HYPOTHESIS_PROFILE`` chooses: ``default`` for everyday runs, ``ci`` for runs that have to be
the same every time, ``thorough`` for a night.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

settings.register_profile("default", deadline=None, max_examples=60, suppress_health_check=_SLOW)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=3000)
settings.load_profile(os.environ.get("SYNCER_HYPOTHESIS_PROFILE", "default"))


COUNTED = ("boundaries", "histories", "runs", "killed", "pairs", "carried", "excused", "mutants")
"""What proofs say about their own size, by ``record_property``."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How much was really tried: boundaries, histories, edits that were followed."""
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            # The report of a test's teardown repeats what its call has said.
            said = report.user_properties if getattr(report, "when", "") == "call" else ()
            for name, value in said:
                if name in COUNTED:
                    counts[name] += int(value)
    if counts:
        terminalreporter.write_line(", ".join(f"{counts[name]} {name}" for name in COUNTED if counts[name]))
