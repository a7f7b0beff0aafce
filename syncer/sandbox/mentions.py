"""What a text triggers on a forge: mentions, references to issues, closing keywords.

Text inside code spans and fenced code triggers nothing, as on the real forges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CODE = re.compile(r"(?ms)^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)|(`+)(?!`).+?(?<!`)\2(?!`)")
_COMMENT = re.compile(r"(?s)<!--.*?-->")
_MENTION = re.compile(r"(?<![\w/@.`-])@([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_REFERENCE = re.compile(r"(?<![\w&/#])((?:[\w.-]+/)+[\w.-]+)?#(\d+)\b")
_CLOSING = re.compile(
    r"(?i)\b(?:close[sd]?|closing|fix(?:e[sd]|ing)?|resolve[sd]?|resolving|implement(?:s|ed|ing)?)"
    r"\b:?[ \t]+((?:[\w.-]+/)+[\w.-]+)?#(\d+)\b"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """An issue that a text points at: in this repository where ``repository`` is empty."""

    repository: str
    number: int


def visible(text: str) -> str:
    """The text without code and without HTML comments."""
    return _COMMENT.sub(" ", _CODE.sub(" ", text))


def mentioned(text: str) -> Iterator[str]:
    """The logins that a text notifies, each once."""
    yield from dict.fromkeys(match[1] for match in _MENTION.finditer(visible(text)))


def referenced(text: str) -> Iterator[Reference]:
    """The issues that a text points at, each once."""
    found = (Reference(match[1] or "", int(match[2])) for match in _REFERENCE.finditer(visible(text)))
    yield from dict.fromkeys(found)


def closes(text: str) -> Iterator[Reference]:
    """The issues that a text closes when it reaches the default branch, each once."""
    found = (Reference(match[1] or "", int(match[2])) for match in _CLOSING.finditer(visible(text)))
    yield from dict.fromkeys(found)
