"""What a scan of a roadmap finds: blocks, list items, tables and regions, with byte positions.

Records only; :mod:`syncer.roadmap.scan` fills them and everything else reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from syncer.model.document import Span
from syncer.roadmap.pieces import Piece


class BlockKind(Enum):
    """What stands directly in the document, outside quotes and lists."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    TABLE = "table"
    HTML = "html"
    RULE = "rule"
    OTHER = "other"


@dataclass(slots=True)
class Block:
    """One block directly in the document.

    Args:
        level: of a heading, 1 to 6.
        pieces: inline content of a heading or paragraph.
        index: of a table in :attr:`Scan.tables`; of a list's first item in :attr:`Scan.entries`.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    pieces: list[Piece] = field(default_factory=list)
    index: int = -1


@dataclass(slots=True)
class Entry:
    """One list item outside quotes.

    Args:
        start: of the bullet.
        bullet_end: just behind the bullet.
        box: the brackets of its box, if its first bytes are one.
        text: the first line of its first paragraph, box excluded, as a marked text.
        links: addresses that the line links to.
        pieces: the same line in pieces, for items that are being traced only.
        parent: index of the enclosing list item, or -1.
    """

    start: int
    end: int
    parent: int
    depth: int
    ordered: bool
    bullet_end: int
    box: Span | None = None
    text: str = ""
    links: list[str] | None = None
    pieces: list[Piece] | None = None


@dataclass(slots=True)
class Cell:
    """One table cell.

    Args:
        span: its bytes between the outer blanks; ``None`` where a short row has no such cell.
        text: as a marked text.
        pieces: the same in pieces, for cells that are being traced only.
    """

    span: Span | None
    text: str = ""
    pieces: list[Piece] | None = None


@dataclass(slots=True)
class Row:
    """One body row of a table."""

    start: int
    end: int
    cells: list[Cell] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """One table outside quotes, in a list item or not."""

    start: int
    end: int
    head: list[Cell] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class RegionKind(Enum):
    """Why bytes are never read as items."""

    FRONT_MATTER = "front-matter"
    CODE = "code"
    HTML = "html"
    QUOTE = "quote"
    FOOTNOTE = "footnote"


@dataclass(slots=True)
class Region:
    """Bytes that are never read as items."""

    kind: RegionKind
    start: int
    end: int


@dataclass(slots=True)
class Scan:
    """Everything the readers of a roadmap need, in document order."""

    blocks: list[Block] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
