"""From byte offsets to lines and back, for every line end CommonMark knows.

Never ``str.splitlines``: double-encoded text contains U+0085, which that function takes for a line
end (CommonMark 0.31.2, section 2.1, knows LF, CR and CRLF only).
"""

from __future__ import annotations

import re
from bisect import bisect_right

from syncer.model.document import Span

_LINE_END = re.compile(rb"\r\n|\n|\r")


class Lines:
    """The lines of a file, counted from 1."""

    __slots__ = ("_data", "_ends", "_starts")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts = [0]
        self._ends: list[int] = []
        for match in _LINE_END.finditer(data):
            self._ends.append(match.start())
            self._starts.append(match.end())
        self._ends.append(len(data))

    def __len__(self) -> int:
        return len(self._starts) - (1 if self._starts[-1] == len(self._data) and len(self._starts) > 1 else 0)

    def number(self, offset: int) -> int:
        """The line that a byte offset lies in."""
        return bisect_right(self._starts, offset)

    def start(self, line: int) -> int:
        """The offset of a line's first byte."""
        return self._starts[line - 1]

    def end(self, line: int) -> int:
        """The offset just behind a line's last byte, its line end excluded."""
        return self._ends[line - 1]

    def next_start(self, line: int) -> int:
        """The offset just behind a line, its line end included."""
        return self._starts[line] if line < len(self._starts) else len(self._data)

    def column(self, offset: int) -> int:
        """The byte column of an offset within its line, from 1."""
        return offset - self._starts[self.number(offset) - 1] + 1

    def content(self, line: int) -> Span:
        """A line without its line end."""
        return Span(self.start(line), self.end(line))
