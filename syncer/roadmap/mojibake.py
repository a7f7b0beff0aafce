"""UTF-8 that was decoded as windows-1252 and encoded again, folded back for reading.

``âœ…`` in a file reads as ``✅`` here; on disk it stays what it is. One pass, per blank-separated
token, and only where the whole token survives the way back, so ordinary text in any language is
left as it stands. No other code page is guessed.
"""

from __future__ import annotations

import re

# windows-1252 leaves five bytes undefined; decoders map them to the C1 controls of the same number
# (WHATWG Encoding Standard, index windows-1252), and so do the files that were damaged that way.
_UNDEFINED = {0x81: 0x81, 0x8D: 0x8D, 0x8F: 0x8F, 0x90: 0x90, 0x9D: 0x9D}
_TO_BYTE: dict[str, int] = {
    bytes([byte]).decode("cp1252"): byte for byte in range(256) if byte not in _UNDEFINED
} | {chr(code): byte for byte, code in _UNDEFINED.items()}
_TO_CHAR = {byte: char for char, byte in _TO_BYTE.items()}

# What a multi-byte UTF-8 sequence looks like after the damage: a lead byte C2..F4 and a continuation.
_LEADS = "".join(_TO_CHAR[byte] for byte in range(0xC2, 0xF5))
_CONTINUATIONS = "".join(re.escape(_TO_CHAR[byte]) for byte in range(0x80, 0xC0))
_SUSPECT = re.compile(f"[{_LEADS}][{_CONTINUATIONS}]")
# Only ASCII blanks part tokens: U+00A0 and U+0085 are continuation bytes in disguise.
_TOKEN = re.compile(r"[^ \t\r\n\f\v]+")


def suspicious(text: str) -> bool:
    """Whether some of a text may be double-encoded. Cheap; a yes is not a proof."""
    return not text.isascii() and _SUSPECT.search(text) is not None


def fold_mojibake(text: str) -> str:
    """Undo one round of double encoding wherever a whole token proves to be double-encoded."""
    if text.isascii() or _SUSPECT.search(text) is None:
        return text
    return _TOKEN.sub(lambda match: _fold_token(match.group()), text)


def _fold_token(token: str) -> str:
    if token.isascii() or _SUSPECT.search(token) is None:
        return token
    try:
        return bytes([_TO_BYTE[char] for char in token]).decode("utf-8", "strict")
    except (KeyError, UnicodeDecodeError):
        return token


def damage(text: str) -> str:
    """The double-encoded form of a text, as a damaged file would show it."""
    return "".join(
        char if char.isascii() else "".join(_TO_CHAR[byte] for byte in char.encode("utf-8")) for char in text
    )
