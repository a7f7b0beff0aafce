"""What other Markdown parsers see in a roadmap: headings, list items, boxes and rows, by line.

cmark-gfm is what GitHub's renderer is made of, comrak what GitLab's is, and markdown-it-py is a third
opinion in another language. Quotes are left out, as everywhere in syncer.
"""

from __future__ import annotations

import html.parser
import re
from dataclasses import dataclass, field

import cmarkgfm  # type: ignore[import-untyped]
import comrak
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.token import Token

from syncer.roadmap.admit import admit
from syncer.roadmap.lines import Lines
from syncer.roadmap.scan import scan
from syncer.roadmap.structure import BlockKind, RegionKind, Scan

_BOX = re.compile(r"\[([ xX])\](?=[ \t\n]|$)")
_GFM = {b"[ ]": False, b"[x]": True, b"[X]": True}


@dataclass
class Seen:
    """The skeleton of a document.

    Args:
        headings: line and level of every heading outside lists.
        items: line and depth of every list item.
        boxes: line of every box that GitHub Flavored Markdown knows, and whether it is ticked.
        rows: lines of the body rows of tables.
    """

    headings: list[tuple[int, int]] = field(default_factory=list)
    items: list[tuple[int, int]] = field(default_factory=list)
    boxes: list[tuple[int, bool]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


def by_syncer(data: bytes) -> Seen:
    """What syncer's own scan finds."""
    found = scan("TODO.md", admit("TODO.md", data))
    lines = Lines(data)
    return Seen(
        headings=[
            (lines.number(block.start), block.level)
            for block in found.blocks
            if block.kind is BlockKind.HEADING
        ],
        items=[(lines.number(entry.start), entry.depth) for entry in found.entries],
        boxes=[
            (lines.number(entry.start), _GFM[mark])
            for entry in found.entries
            if entry.box is not None and (mark := entry.box.of(data)) in _GFM
        ],
        rows=[lines.number(row.start) for table in found.tables for row in table.rows],
    )


def for_oracles(data: bytes) -> str:
    """A document as other parsers are shown it: front matter blank, one kind of line end."""
    text = admit("TODO.md", data).text
    found = scan("TODO.md", admit("TODO.md", data))
    text = re.sub(r"\r\n?", "\n", text)
    matter = _front_matter_lines(data, found)
    return "\n" * matter + "".join(text.split("\n", matter)[matter:]) if matter else text


def _front_matter_lines(data: bytes, found: Scan) -> int:
    region = next((each for each in found.regions if each.kind is RegionKind.FRONT_MATTER), None)
    return Lines(data).number(region.end) - 1 if region is not None else 0


def by_cmark_gfm(text: str) -> Seen:
    """What GitHub's parser finds."""
    return _read(cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_SOURCEPOS))


def by_comrak(text: str) -> Seen:
    """What GitLab's parser finds."""
    extensions, rendering = comrak.ExtensionOptions(), comrak.RenderOptions()
    extensions.tasklist = extensions.table = extensions.strikethrough = extensions.autolink = True
    rendering.sourcepos = True
    return _read(comrak.render_markdown(text, extension_options=extensions, render_options=rendering))


def _read(rendered: str) -> Seen:
    reader = _Reader()
    reader.feed(rendered)
    reader.close()
    return reader.seen


class _Reader(html.parser.HTMLParser):
    """Reads positions back from rendered HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self._quotes = 0
        self._lines: list[int] = []
        self._body = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "blockquote":
            self._quotes += 1
        if self._quotes:
            return
        line = int((told.get("data-sourcepos") or "0").split(":")[0])
        if tag == "li":
            self.seen.items.append((line, len(self._lines)))
            self._lines.append(line)
        elif tag in {"h1", "h2", "h3", "h4", "h5", "h6"} and not self._lines:
            self.seen.headings.append((line, int(tag[1])))
        elif tag == "input" and told.get("type") == "checkbox":
            self.seen.boxes.append((self._lines[-1], "checked" in told))
        elif tag in {"thead", "tbody"}:
            self._body = tag == "tbody"
        elif tag == "tr" and self._body:
            self.seen.rows.append(line)

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes -= 1
        elif tag == "li" and not self._quotes:
            self._lines.pop()


def by_markdown_it(text: str) -> Seen:
    """What markdown-it-py finds."""
    seen = Seen()
    quotes, items, body = 0, list[int](), False
    tokens = MarkdownIt("gfm-like").parse(text)
    for at, token in enumerate(tokens):
        quotes += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if quotes:
            continue
        line = token.map[0] + 1 if token.map else 0
        if token.type == "list_item_open":
            seen.items.append((line, len(items)))
            items.append(line)
            ticked = _ticked(tokens, at)
            if ticked is not None:
                seen.boxes.append((line, ticked))
        elif token.type == "list_item_close":
            items.pop()
        elif token.type == "heading_open" and not items:
            seen.headings.append((line, int(token.tag[1])))
        elif token.type in {"thead_open", "tbody_open"}:
            body = token.type == "tbody_open"
        elif token.type == "tr_open" and body:
            seen.rows.append(line)
    return seen


def _ticked(tokens: list[Token], at: int) -> bool | None:
    """The box that a list item begins with, as GFM's section 5.3 defines it."""
    if tokens[at + 1].type != "paragraph_open":
        return None
    match = _BOX.match(tokens[at + 2].content)
    return None if match is None else match[1] != " "
