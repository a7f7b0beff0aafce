"""One answer of a forge, and what it says in its own words. Pure; judging it is :mod:`classify`'s part."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_DETAIL_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a forge, and enough of the question to judge it.

    Args:
        forge: the connection's name.
        method: of the request.
        path: of the request, without its query.
        write: whether the request could change something.
        status: the HTTP status.
        headers: names in lower case.
        body: decoded from its transfer and content encodings.
        json_promised: whether the request asked for JSON.
        conditional: whether the request asked "only if it changed".
        token_hint: where the token comes from.
    """

    forge: str
    method: str
    path: str
    write: bool
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    json_promised: bool = True
    conditional: bool = False
    token_hint: str = ""

    @property
    def where(self) -> str:
        return f"{self.forge}: {self.method} {self.path}"

    @property
    def is_html(self) -> bool:
        """Whether it is a web page, whatever it should be."""
        return "html" in self.headers.get("content-type", "") or self.body.lstrip()[:1] == b"<"

    @property
    def looks_like_json(self) -> bool:
        """Whether it could be complete JSON; cheap, because pages of issues are long.

        It is parsed only once, later. This much finds HTML, empty and cut-off answers.
        """
        head, tail = self.body[:64].lstrip()[:1], self.body[-64:].rstrip()[-1:]
        return (head, tail) in ((b"{", b"}"), (b"[", b"]"))

    @property
    def details(self) -> str:
        """What the forge says in its own words, on one line, cut to a readable length."""
        if self.is_html:
            return "a web page"
        try:
            content = json.loads(self.body)
        except ValueError:
            return shorten(self.body[:2000].decode(errors="replace"))
        return shorten("; ".join(_phrases(content)))

    @property
    def description(self) -> str:
        """What kind of answer it is, for a reader who expected another kind."""
        if not self.body.strip():
            return "an empty answer"
        if self.is_html:
            title = re.search(rb"<title[^>]*>(.*?)</title", self.body[:20_000], re.IGNORECASE | re.DOTALL)
            name = shorten(title[1].decode(errors="replace")) if title else ""
            return f"a web page ({name})" if name else "a web page"
        if self.status < 300 and self.body.lstrip()[:1] in (b"{", b"["):
            return f"JSON that ends in the middle, after {len(self.body)} bytes"
        return self.details or "no reason given"


def shorten(text: str) -> str:
    """A text on one line, cut to a readable length."""
    line = " ".join(text.split())
    return line if len(line) <= _DETAIL_LIMIT else line[: _DETAIL_LIMIT - 1] + "…"


def _phrases(content: object) -> list[str]:
    """The sentences in an error body. GitHub: message, errors. GitLab: message or error, maybe nested."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, list):
        return [phrase for entry in content for phrase in _phrases(entry)]
    if not isinstance(content, dict):
        return []
    known = ("message", "error", "error_description", "errors")
    found = [phrase for key in known if key in content for phrase in _phrases(content[key])]
    if found:
        return found
    if {"resource", "code"} <= content.keys():
        return [" ".join(str(content[key]) for key in ("resource", "field", "code") if key in content)]
    return [f"{key}: {phrase}" for key, value in content.items() for phrase in _phrases(value)]
