"""Write the transcripts and the options in ``docs/commands.md`` anew: ``python -m tests.answers``."""

from __future__ import annotations

from tests.answers.manual import MANUAL_PAGE, renewed

MANUAL_PAGE.write_text(renewed(MANUAL_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
