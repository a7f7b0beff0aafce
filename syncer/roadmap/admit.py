"""Which bytes are a roadmap at all. Anything else gets one clear error and is left alone."""

from __future__ import annotations

from dataclasses import dataclass

from syncer.errors import RoadmapError

DEFAULT_SIZE_LIMIT = 5 * 1024 * 1024
"""Largest roadmap that is read, in bytes."""

BOM = b"\xef\xbb\xbf"
_UTF16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_FOREIGN_FORMATS = {
    ".org": "Org mode",
    ".rst": "reStructuredText",
    ".todo": "a todo format",
    ".adoc": "AsciiDoc",
    ".asciidoc": "AsciiDoc",
    ".textile": "Textile",
}


@dataclass(frozen=True, slots=True)
class Text:
    """Admitted bytes and what the parser is given.

    Args:
        data: the file, exactly.
        text: the decoded file without its byte order mark.
        shift: how many bytes of ``data`` stand before ``text``: 3 with a mark, else 0.
    """

    data: bytes
    text: str
    shift: int


def admit(path: str, data: bytes, *, size_limit: int = DEFAULT_SIZE_LIMIT) -> Text:
    """Decode a roadmap's bytes strictly.

    Args:
        path: for messages, and to refuse formats that only look like Markdown.
        data: the file's bytes.
        size_limit: in bytes.

    Raises:
        RoadmapError: with a code that names the reason. Nothing was guessed or repaired.
    """
    refuse_foreign_format(path)
    if len(data) > size_limit:
        raise RoadmapError(
            f"the file has {len(data):,} bytes, more than the limit of {size_limit:,}",
            where=path,
            next_step="split it, or raise `roadmap_size_limit`",
            code="too-large",
        )
    if data.startswith(_UTF16_OR_32):
        raise RoadmapError(
            "the file is UTF-16 or UTF-32, not UTF-8",
            where=path,
            next_step="save it as UTF-8; syncer never re-encodes a file",
            code="utf-16",
        )
    if data.startswith(_LFS_POINTER):
        raise RoadmapError(
            "this is a Git LFS pointer, not the file itself",
            where=path,
            next_step="keep roadmaps out of LFS",
            code="lfs-pointer",
        )
    nul = data.find(b"\x00")
    if nul >= 0:
        looks_wide = data[:200].count(b"\x00") * 3 > len(data[:200])
        raise RoadmapError(
            f"the file holds a NUL byte at offset {nul}: it is "
            + ("UTF-16 without a byte order mark" if looks_wide else "binary"),
            where=path,
            next_step="save it as UTF-8 text",
            code="utf-16" if looks_wide else "binary",
        )
    shift = len(BOM) if data.startswith(BOM) else 0
    try:
        text = data[shift:].decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        offset = error.start + shift
        line = data.count(b"\n", 0, offset) + 1
        raise RoadmapError(
            f"byte 0x{data[offset]:02x} at offset {offset} is not UTF-8",
            where=f"{path}:{line}",
            next_step="save the file as UTF-8; syncer never guesses an encoding",
            code="not-utf8",
        ) from None
    return Text(data, text, shift)


def refuse_foreign_format(path: str) -> None:
    """Refuse files whose name says that they are not Markdown.

    Raises:
        RoadmapError: with the code ``not-markdown``.
    """
    name = path.rsplit("/", 1)[-1].lower()
    for suffix, what in _FOREIGN_FORMATS.items():
        if name.endswith(suffix):
            raise RoadmapError(
                f"the file's name says it is {what}; syncer reads Markdown",
                where=path,
                next_step="leave it out of `roadmaps`, or convert it to Markdown",
                code="not-markdown",
            )


def line_ending(data: bytes) -> str:
    """Which line ends a file uses: ``LF``, ``CRLF``, ``CR``, ``mixed`` or ``none``."""
    crlf = data.count(b"\r\n")
    lf = data.count(b"\n") - crlf
    cr = data.count(b"\r") - crlf
    present = [name for name, count in (("LF", lf), ("CRLF", crlf), ("CR", cr)) if count]
    if not present:
        return "none"
    return present[0] if len(present) == 1 else "mixed"
