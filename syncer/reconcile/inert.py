"""Roadmap text that can trigger nothing on a forge.

A roadmap says ``@tm/core`` and means a package, ``#3`` and means its third point. On a forge the first
would notify somebody and the second would leave a trace in a stranger's issue. An invisible WORD
JOINER behind the sign keeps the text readable and the forge quiet. On GitLab a line that begins with a
slash is a command (docs.gitlab.com, "GitLab quick actions"), and titles are searched for mentions as
well (``attr_mentionable :title``); so titles get the same treatment.
"""

from __future__ import annotations

import re

from syncer.reconcile.canonical import JOINER

_MENTION = re.compile(r"@(?=[A-Za-z0-9_\-.])")
_NUMBERED = re.compile(r"(?P<sign>[#!%$&~^])(?=[0-9])")
_NAMED_LABEL = re.compile(r"(?P<sign>[~%])(?=[\"A-Za-z])")
_GH = re.compile(r"\b(?P<sign>GH|gh|Gh)-(?=\d)")
_SHA = re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])(?P<head>[0-9a-f]{6})(?=[0-9a-f]{1,34}\b)")
_FORGE_URL = re.compile(
    r"(?P<scheme>https?)://(?P<rest>[^\s<>()\[\]\"'`]*/"
    r"(?:issues|pull|pulls|merge_requests|commit|commits|discussions|work_items|epics|milestones?|milestone)/[^\s<>()\[\]\"'`]*)"
)
_MARKDOWN_LINK = re.compile(r"!?\[(?P<text>[^\[\]]*)\]\((?P<url>[^()\s]*)(?:\s+[\"'(][^)]*)?\)")
_SLASH = re.compile(r"^(?P<lead>\s*)/(?=[A-Za-z])", re.MULTILINE)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_COMMENT = re.compile(r"<!--")
_FENCE = re.compile(r"^(?P<lead>\s*)(?P<fence>`{3,}|~{3,})")
_SPAN = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)", re.DOTALL)


def inert_title(text: str) -> str:
    """A title in which nothing is a mention or a reference. Titles know no code spans."""
    return _quiet(text)


def inert_text(text: str) -> str:
    """Markdown in which nothing is a mention, a reference, a command or HTML.

    Code is left as it is, because forges look for nothing in it; only a comment's beginning is
    broken up there too, so that no text can pass for one of our own markers.
    """
    out: list[str] = []
    prose: list[str] = []
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if fence:
            out.append(_COMMENT.sub(f"<{JOINER}!--", line))
            if match and match["fence"].startswith(fence) and line.strip() == match["fence"]:
                fence = ""
            continue
        if match:
            out.extend(_prose(prose))
            prose = []
            fence = match["fence"]
            out.append(line)
            continue
        prose.append(line)
    out.extend(_prose(prose))
    if fence:
        # An unclosed fence would swallow the rest of the body, our own end marker included.
        out.append(fence)
    return "\n".join(out)


def _prose(lines: list[str]) -> list[str]:
    if not lines:
        return []
    text = "\n".join(lines)
    parts: list[str] = []
    at = 0
    for match in _SPAN.finditer(text):
        parts.append(_inert_prose(text[at : match.start()]))
        parts.append(_COMMENT.sub(f"<{JOINER}!--", match.group()))
        at = match.end()
    parts.append(_inert_prose(text[at:]))
    return _SLASH.sub(r"\g<lead>\\/", "".join(parts)).split("\n")


def _inert_prose(text: str) -> str:
    text = _MARKDOWN_LINK.sub(_inert_link, text)
    text = _FORGE_URL.sub(r"`\g<scheme>://\g<rest>`", text)
    parts: list[str] = []
    at = 0
    for match in _SPAN.finditer(text):
        parts.append(_quiet(_TAG.sub("&lt;", text[at : match.start()])))
        parts.append(match.group())
        at = match.end()
    parts.append(_quiet(_TAG.sub("&lt;", text[at:])))
    return "".join(parts)


def _inert_link(match: re.Match[str]) -> str:
    """A link to an issue becomes its text and its address as code: GitHub would note the reference."""
    if _FORGE_URL.fullmatch(match["url"]) is None:
        return match.group()
    return f"{match['text']} (`{match['url']}`)" if match["text"] else f"`{match['url']}`"


def _quiet(text: str) -> str:
    text = _MENTION.sub(f"@{JOINER}", text)
    text = _NUMBERED.sub(rf"\g<sign>{JOINER}", text)
    text = _NAMED_LABEL.sub(rf"\g<sign>{JOINER}", text)
    text = _GH.sub(rf"\g<sign>{JOINER}-", text)
    return _SHA.sub(rf"\g<head>{JOINER}", text)
