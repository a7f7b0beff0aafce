"""What a text triggers, and what it does not."""

from __future__ import annotations

import pytest

from syncer.sandbox.mentions import Reference, closes, mentioned, referenced


@pytest.mark.parametrize(
    ("text", "logins"),
    [
        ("@alice and @bob-c, (@carol)", ["alice", "bob-c", "carol"]),
        ("mail a@b.test, a/@b, `@code`, ``@more ` code``", []),
        ("```\n@alice\n```\n@bob", ["bob"]),
        ("~~~~\n@alice\n~~~\n@bob\n~~~~", []),
        ("<!-- @alice -->@bob", ["bob"]),
        ("@alice @alice", ["alice"]),
    ],
)
def test_mentions(text: str, logins: list[str]) -> None:
    """Names count outside of code, comments, addresses and words."""
    assert logins == list(mentioned(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see #1 and acme/rune#2", [Reference("", 1), Reference("acme/rune", 2)]),
        ("group/sub/rune#3", [Reference("group/sub/rune", 3)]),
        ("&#39; colour#12 `#1` 5#6", []),
    ],
)
def test_references(text: str, found: list[Reference]) -> None:
    """A number sign counts at the beginning of a word, or behind a repository's path."""
    assert found == list(referenced(text))


@pytest.mark.parametrize(
    "word", ["close", "Closes", "closed", "fix", "fixes", "Fixed", "resolve", "RESOLVED:"]
)
def test_closing_keywords(word: str) -> None:
    """All of the words that close, in any case, with or without a colon."""
    assert [Reference("", 7)] == list(closes(f"this {word} #7"))
    assert [] == list(closes(f"this {word}ish #7"))
    assert [] == list(closes(f"this `{word} #7`"))
