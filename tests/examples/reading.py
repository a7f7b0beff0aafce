"""Examples in Markdown: a heading says what happens, fenced blocks say it exactly.

* ``roadmap``: the file as it is, byte for byte;
* ``tracker``: the issues that people have opened, ``#1 open by alice: Title``, with their bodies indented;
* ``roadmap, later``: what people make of the file once a run has settled everything;
* ``tracker, later``: what people do on the tracker then, ``close #1``, ``retitle #1: Title`` and so on;
* ``plan``: what the next run says;
* ``roadmap, after``: the file after that run;
* ``tracker, after``: the issues after that run, ``ours`` where they carry our marker.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent

_HEADING = re.compile(r"^### (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^(`{3,})([a-z, ]+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """One heading with its blocks."""

    title: str
    blocks: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.title


def examples(name: str) -> list[Example]:
    """The examples of one file, in order."""
    text = (HERE / name).read_text(encoding="utf-8")
    inside = [match.span() for match in _BLOCK.finditer(text)]
    heads = [
        head
        for head in _HEADING.finditer(text)
        if not any(start < head.start() < end for start, end in inside)
    ]
    ends = [*(head.start() for head in heads[1:]), len(text)]
    found = []
    for head, end in zip(heads, ends, strict=True):
        blocks = [(kind, block) for _fence, kind, block in _BLOCK.findall(text[head.end() : end])]
        assert len(blocks) == len({kind for kind, _ in blocks}), head[1]
        found.append(Example(head[1], dict(blocks)))
    return found
