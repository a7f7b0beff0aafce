"""Where the exchanges of tests with the sandbox are written, if they are wanted (``make contract``)."""

from __future__ import annotations

import os
from pathlib import Path

RECORD_TO = Path(os.environ["SANDBOX_TRAFFIC"]) if "SANDBOX_TRAFFIC" in os.environ else None
"""A file that each sandbox appends to; ``None`` usually."""
