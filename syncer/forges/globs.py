"""Which paths of a repository a pattern names. Pure.

``*`` and ``?`` stay within a name, ``[ab]`` is one of several characters, ``**`` as a whole name
crosses any number of directories, none included. A pattern without these is a path.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from syncer.errors import ConfigError
from syncer.model.source import Entry, EntryKind


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern.

    Args:
        literal: it names exactly one path.
        base: the directory that every match lies in, "" for the root.
        deep: whether matches can lie in directories below ``base``.
    """

    text: str
    literal: bool
    base: str
    deep: bool
    parts: tuple[re.Pattern[str] | None, ...]

    def matches(self, entry: Entry) -> bool:
        """Whether an entry is meant. Only a literal pattern can mean a directory."""
        if self.literal:
            return entry.path == self.text
        return entry.kind is not EntryKind.DIRECTORY and _fits(entry.path.split("/"), self.parts)


def parse(text: str) -> Pattern:
    """Read a pattern.

    Raises:
        ConfigError: it is empty, or leaves the repository.
    """
    names = text.removeprefix("./").split("/")
    if not is_inside("/".join(names)):
        raise ConfigError(
            f"the pattern {text!r} is not a path inside the repository",
            next_step="write it from the repository's root, with forward slashes and without '..'",
        )
    wild = [bool(re.search(r"[*?\[]", name)) for name in names]
    first = wild.index(True) if any(wild) else len(names) - 1
    return Pattern(
        text="/".join(names),
        literal=not any(wild),
        base="/".join(names[:first]),
        deep=any(wild[first:-1]) or names[-1] == "**",
        parts=tuple(None if name == "**" else re.compile(fnmatch.translate(name)) for name in names),
    )


def literal(path: str) -> Pattern:
    """The pattern that means one path, whatever characters it is made of."""
    base = path.rpartition("/")[0]
    return Pattern(path, literal=True, base=base, deep=False, parts=())


def select(entries: Iterable[Entry], patterns: Sequence[Pattern]) -> tuple[Entry, ...]:
    """The entries that any pattern means, each once, sorted by path."""
    chosen = {
        entry.path: entry
        for entry in entries
        if is_inside(entry.path) and any(pattern.matches(entry) for pattern in patterns)
    }
    return tuple(chosen[path] for path in sorted(chosen))


def is_inside(path: str) -> bool:
    """Whether a path stays in its repository, whatever a hostile forge or configuration says."""
    return (
        bool(path)
        and "\\" not in path
        and not any(name in ("", ".", "..") or name.lower() == ".git" for name in path.split("/"))
        and all(character.isprintable() or character == "\u00ad" for character in path)
    )


def directories(patterns: Iterable[Pattern]) -> dict[str, bool]:
    """The directories whose listings decide, and whether what lies below them is needed as well."""
    wanted: dict[str, bool] = {}
    for pattern in patterns:
        wanted[pattern.base] = wanted.get(pattern.base, False) or pattern.deep
    deep = [base for base, below in wanted.items() if below]
    return {
        base: below
        for base, below in sorted(wanted.items())
        if not any(other != base and _below(base, other) for other in deep)
    }


def leads_to(directory: str, patterns: Iterable[Pattern]) -> bool:
    """Whether a match can lie in a directory or below it."""
    return any(
        _below(f"{pattern.base}/", directory) or (pattern.deep and _below(directory, pattern.base))
        for pattern in patterns
    )


def _below(path: str, directory: str) -> bool:
    return not directory or path.startswith(directory + "/")


def _fits(names: Sequence[str], parts: Sequence[re.Pattern[str] | None]) -> bool:
    """Whether the names of a path fit the parts of a pattern; ``None`` stands for ``**``."""
    if not parts:
        return not names
    part, rest = parts[0], parts[1:]
    if part is not None:
        return bool(names) and part.match(names[0]) is not None and _fits(names[1:], rest)
    if not rest:
        return bool(names)
    return any(_fits(names[start:], rest) for start in range(len(names)))
