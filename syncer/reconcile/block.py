"""The managed block: the part of an issue's body, or of a milestone's description, that is ours.

::

    <!-- syncer:begin v=1 owner=github.com/1234 id=7k3mqz0c2x5d at=0f3a… is=91bc… -->
    Roadmap: [`TODO.md :: Beta :: Testing`](https://…/blob/…/TODO.md?plain=1#L93)

    Whatever the roadmap says below the item.
    <!-- syncer:end id=7k3mqz0c2x5d -->

``at`` is a digest of the line's place, ``is`` one of the content as we wrote it: who has lost the ledger
still knows which line the issue was made for, and whether somebody edited the block since.

All text outside belongs to people. The markers carry a version from the first day: their format cannot
change once they are out there without losing what they mark.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from syncer.model.identity import Marker, Owner, Uid
from syncer.model.ledger import BlockState
from syncer.reconcile.canonical import canonical_block, canonical_text

VERSION = 1

_MARKER = re.compile(r"<!-- syncer:(?P<what>begin|end)(?P<rest>[^<>\n]*?)\s*-->")
_MARKER_LINE = re.compile(r"<!-- syncer:(?:begin|end)[^<>\n]*?\s*-->\n?")
_PAIR = re.compile(r"(\w+)=(\S+)")
_CHECK = re.compile(r"^(?P<bullet>[-*+] )\[(?P<mark>[ xX])\] (?P<text>.*)$")
_ROADMAP_LINE = re.compile(r"^Roadmap: (?:\[(?P<linked>.*)\]\([^()\s]*\)|(?P<plain>.*))$")


Checks = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class BlockReading:
    """What a body holds of ours.

    Args:
        start: where the block begins in the body, in characters; ``end`` just behind it.
        content: between the markers, the link of its first line left out; canonical.
        reference: what the first line names.
        origin: digest of the anchor it was written for.
        written: digest of the content as we wrote it, boxes unticked.
    """

    state: BlockState
    marker: Marker | None = None
    start: int = 0
    end: int = 0
    content: str = ""
    reference: str | None = None
    origin: str | None = None
    written: str | None = None

    @property
    def digest(self) -> str | None:
        return content_digest(self.content) if self.state is BlockState.WHOLE else None

    @property
    def untouched(self) -> bool:
        """Whether the content is as we wrote it, ticks in its boxes aside."""
        return self.state is BlockState.WHOLE and _unticked_digest(self.content) == self.written

    @property
    def checks(self) -> Checks:
        """The boxes in the content: their texts, and whether they are ticked."""
        found: list[tuple[str, bool]] = []
        for line in self.content.split("\n"):
            match = _CHECK.match(line)
            if match is not None:
                found.append((canonical_text(match["text"]), match["mark"] != " "))
        return tuple(found)


def content_digest(content: str) -> str:
    """A digest of a block's content, for comparing without keeping it."""
    return hashlib.sha256(canonical_block(content).encode()).hexdigest()[:16]


def _unticked_digest(content: str) -> str:
    lines = [_CHECK.sub(r"\g<bullet>[ ] \g<text>", line) for line in content.split("\n")]
    return content_digest("\n".join(lines))


def item_content(reference: str, text: str) -> str:
    """A block's content as it compares: reference and text, without the link.

    Args:
        reference: as people write it.
        text: what the roadmap says below the item, inert already; may be empty.
    """
    head = f"Roadmap: {code_span(reference)}"
    return f"{head}\n\n{text}" if text else head


def render_block(content: str, marker: Marker, *, url: str = "", origin: str = "", kind: str = "item") -> str:
    """The block as it stands in a body.

    Args:
        content: as :func:`item_content` or any other text yields it.
        marker: the identity.
        url: where the reference leads to; no link without one.
        origin: digest of the anchor.
        kind: ``item`` or ``stage``.
    """
    written = _unticked_digest(canonical_block(content))
    if url and (match := _ROADMAP_LINE.match(content.split("\n", 1)[0])) and match["plain"]:
        _, _, rest = content.partition("\n")
        content = f"Roadmap: [{match['plain']}]({url})" + (f"\n{rest}" if rest else "")
    begin = f"<!-- syncer:begin v={marker.version} owner={marker.owner} id={marker.uid}"
    if kind != "item":
        begin += f" kind={kind}"
    if origin:
        begin += f" at={origin}"
    begin += f" is={written}"
    return f"{begin} -->\n{content}\n<!-- syncer:end id={marker.uid} -->"


def read_block(body: str) -> BlockReading:
    """Find our block in a body, whoever owns it."""
    if "syncer:" not in body:
        return BlockReading(BlockState.NONE)
    found = list(_MARKER.finditer(body))
    if not found:
        return BlockReading(BlockState.NONE)
    begins = [match for match in found if match["what"] == "begin"]
    ends = [match for match in found if match["what"] == "end"]
    pairs: dict[str, str] = dict(_PAIR.findall(begins[0]["rest"])) if len(begins) == 1 else {}
    marker, origin = _read_marker(pairs), pairs.get("at")
    if marker is not None and marker.version > VERSION:
        return BlockReading(BlockState.NEWER, marker)
    if (
        marker is None
        or len(ends) != 1
        or ends[0].start() < begins[0].end()
        or dict(_PAIR.findall(ends[0]["rest"])).get("id") != marker.uid
    ):
        return BlockReading(BlockState.DAMAGED, marker, origin=origin)
    inner = canonical_block(body[begins[0].end() : ends[0].start()])
    reference, content = _split(inner)
    return BlockReading(
        BlockState.WHOLE,
        marker,
        begins[0].start(),
        ends[0].end(),
        content,
        reference,
        origin,
        pairs.get("is"),
    )


def replace_block(body: str, block: str) -> str:
    """A body with its block replaced, or appended; every other character but broken markers stays.

    Args:
        body: as the forge holds it now.
        block: as :func:`render_block` yields it.
    """
    reading = read_block(body)
    if reading.state is BlockState.WHOLE:
        return body[: reading.start] + block + body[reading.end :]
    if reading.state is BlockState.DAMAGED:
        # What stands between broken markers may be anybody's: it stays, only the markers go.
        body = _MARKER.sub("", body)
    gap = "" if not body or body.endswith("\n\n") else "\n" if body.endswith("\n") else "\n\n"
    return f"{body}{gap}{block}"


def with_owner(body: str, old: Owner, new: Owner) -> str | None:
    """A body whose marker names another owner; every other character stays.

    Args:
        body: as the forge holds it now.
        old: who its one marker has to name.
        new: who it names afterwards.

    Returns:
        ``None`` where no marker of ours to change is there.
    """
    begins = [match for match in _MARKER.finditer(body) if match["what"] == "begin"]
    if len(begins) != 1:
        return None
    pairs: dict[str, str] = dict(_PAIR.findall(begins[0]["rest"]))
    marker = _read_marker(pairs)
    if marker is None or marker.owner != old or marker.version > VERSION:
        return None
    start, end = begins[0].span()
    return body[:start] + body[start:end].replace(f"owner={old} ", f"owner={new} ", 1) + body[end:]


def without_block(body: str, *, keep_text: bool = False) -> str:
    """A body without our block; people's text stays, character by character.

    Args:
        body: as the forge holds it now.
        keep_text: take only the markers away. Of a damaged block nothing else is taken in any case.
    """
    reading = read_block(body)
    if reading.state is BlockState.WHOLE and not keep_text:
        rest = body[: reading.start] + body[reading.end :]
        return rest if rest.strip() else ""
    if reading.state in (BlockState.WHOLE, BlockState.DAMAGED):
        return _MARKER_LINE.sub("", body)
    return body


def _read_marker(pairs: Mapping[str, str]) -> Marker | None:
    version, owner, uid = pairs.get("v", ""), pairs.get("owner", ""), pairs.get("id", "")
    if not (version.isdigit() and owner and uid):
        return None
    return Marker(int(version), Owner(owner), Uid(uid))


def _split(inner: str) -> tuple[str | None, str]:
    first, _, rest = inner.partition("\n")
    match = _ROADMAP_LINE.match(first)
    if match is None:
        return None, inner
    shown = match["linked"] if match["linked"] is not None else match["plain"]
    content = f"Roadmap: {shown}" + (f"\n{rest}" if rest else "")
    return shown.strip("`").strip(), content


def code_span(text: str) -> str:
    """One line as code, so that nothing in it can mean anything."""
    fence = "`"
    while fence in text:
        fence += "`"
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
