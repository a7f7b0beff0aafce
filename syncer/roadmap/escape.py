"""Text from a tracker, made safe for its place in a roadmap.

Whatever an issue's title holds, in the file it must read as that same text: no markup, no HTML, no
table cell of its own. The escape is CommonMark's backslash (0.31.2, section 2.4), used only where a
character would mean something.
"""

from __future__ import annotations

import re

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_ALWAYS = re.compile(r"[\\*<>~]")
_UNDERSCORE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
_LINK = re.compile(r"\](?=[(\[:])|!(?=\[)")
_EVERYTHING = re.compile(r"[\\`*_{}\[\]<>()#+\-.!|~&]")


def one_line(text: str) -> str:
    """A text without line ends and control characters, blanks collapsed."""
    return re.sub(r"[ \t]+", " ", _CONTROL.sub(" ", text)).strip()


def escape(text: str, *, cell: bool) -> str:
    """Escape what would be markup; code spans stay code spans.

    Args:
        text: one line.
        cell: whether it goes into a table cell, where ``|`` ends the cell.
    """
    parts: list[str] = []
    at = 0
    for match in _CODE.finditer(text):
        parts.append(_escape_text(text[at : match.start()], cell=cell))
        code = match.group()
        parts.append(code.replace("|", "\\|") if cell else code)
        at = match.end()
    parts.append(_escape_text(text[at:], cell=cell))
    return "".join(parts)


def escape_all(text: str) -> str:
    """Escape every character that can mean anything: the last resort before giving up."""
    return _EVERYTHING.sub(lambda match: "\\" + match.group(), text)


def _escape_text(text: str, *, cell: bool) -> str:
    text = _ALWAYS.sub(_backslash, text)
    text = _UNDERSCORE.sub(lambda match: "\\_" * len(match.group()), text)
    text = _LINK.sub(_backslash, text)
    text = _ENTITY.sub("\\\\&", text).replace("`", "\\`")
    return text.replace("|", "\\|") if cell else text


def _backslash(match: re.Match[str]) -> str:
    return "\\" + match.group()
