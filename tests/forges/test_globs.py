from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.errors import ConfigError
from syncer.forges import globs
from syncer.forges.blobs import blob_id
from syncer.model.source import Entry, EntryKind

PATHS = (
    "TODO.md",
    "todo.txt",
    "docs/TODO.md",
    "docs/plan.md",
    "docs/deep/er/PLAN.md",
    "docs/deep/er/a[1].md",
    "src/a.md/b.py",
    "ünï/cødé.md",
)


def chosen(*patterns: str) -> list[str]:
    entries = [Entry(path, EntryKind.FILE, "0" * 40) for path in reversed(PATHS)]
    return [entry.path for entry in globs.select(entries, [globs.parse(pattern) for pattern in patterns])]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["TODO.md"], ["TODO.md"]),
        (["./TODO.md"], ["TODO.md"]),
        (["todo.md"], []),
        (["*.md"], ["TODO.md"]),
        (["docs/*.md"], ["docs/TODO.md", "docs/plan.md"]),
        (["docs/**/*.md"], ["docs/TODO.md", "docs/deep/er/PLAN.md", "docs/deep/er/a[1].md", "docs/plan.md"]),
        (["**/TODO.md"], ["TODO.md", "docs/TODO.md"]),
        (["**"], sorted(PATHS)),
        (["docs/**"], ["docs/TODO.md", "docs/deep/er/PLAN.md", "docs/deep/er/a[1].md", "docs/plan.md"]),
        (["**/er/**"], ["docs/deep/er/PLAN.md", "docs/deep/er/a[1].md"]),
        (["[Tt][Oo]*"], ["TODO.md", "todo.txt"]),
        (["[!T]*.txt"], ["todo.txt"]),
        (["?ODO.md"], ["TODO.md"]),
        (["docs/*/er/a[[]1].md"], ["docs/deep/er/a[1].md"]),
        (["ünï/*"], ["ünï/cødé.md"]),
        (["TODO.md", "*.md", "docs/plan.md"], ["TODO.md", "docs/plan.md"]),
        (["*/b.py"], []),
        (["docs?plan.md"], []),
        (["docs[/]plan.md"], []),
        ([], []),
    ],
)
def test_patterns_name_paths(patterns: list[str], expected: list[str]) -> None:
    """Stars stay within a name, double stars cross directories, each path comes once and sorted."""
    assert expected == chosen(*patterns)


@pytest.mark.parametrize(
    "pattern",
    ["", "/TODO.md", "../TODO.md", "docs/../../x", "a//b", "./", ".", "docs\\x", "a/.git/config", "a\nb"],
)
def test_patterns_stay_inside_the_repository(pattern: str) -> None:
    """What leads out of the repository, or into its own machinery, is refused."""
    with pytest.raises(ConfigError):
        globs.parse(pattern)


@pytest.mark.parametrize(
    "path", ["../etc/passwd", "/etc/passwd", "a/../../b", "a/.GIT/config", "a\x00b", "a\\..\\b"]
)
def test_listed_paths_stay_inside_the_repository(path: str) -> None:
    """A hostile forge cannot name a path that leads out either."""
    assert () == globs.select([Entry(path, EntryKind.FILE, "0" * 40)], [globs.parse("**")])


def test_only_a_literal_pattern_means_a_directory_or_link() -> None:
    """A path yields whatever is there; a wildcard never yields a directory, but shows links."""
    entries = [
        Entry("docs", EntryKind.DIRECTORY, ""),
        Entry("link.md", EntryKind.SYMLINK, "1" * 40),
        Entry("module", EntryKind.SUBMODULE, "2" * 40),
    ]

    assert ["docs"] == [entry.path for entry in globs.select(entries, [globs.parse("docs")])]
    assert ["link.md", "module"] == [entry.path for entry in globs.select(entries, [globs.parse("*")])]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["TODO.md"], {"": False}),
        (["TODO.md", "docs/*.md"], {"": False, "docs": False}),
        (["docs/**/*.md", "docs/deep/x.md"], {"docs": True}),
        (["**/*.md", "docs/TODO.md"], {"": True}),
        (["docs/*/x.md"], {"docs": True}),
        (["docs/a.md", "docs2/b.md"], {"docs": False, "docs2": False}),
    ],
)
def test_few_directories_are_listed(patterns: list[str], expected: dict[str, bool]) -> None:
    """Only the directories that patterns lie in are needed, and none twice."""
    assert expected == globs.directories([globs.parse(pattern) for pattern in patterns])


@settings(max_examples=1000)
@given(st.text(alphabet="ab*?[]!/.^-\\", max_size=12))
def test_no_pattern_breaks_the_machinery(text: str) -> None:
    """Any text is either a pattern or refused; it never compiles into something broken."""
    try:
        pattern = globs.parse(text)
    except ConfigError:
        return
    pattern.matches(Entry("a/b.md", EntryKind.FILE, "0" * 40))


def test_a_literal_path_may_look_like_a_pattern() -> None:
    """A file whose name has brackets is found by its path."""
    entry = Entry("docs/deep/er/a[1].md", EntryKind.FILE, "0" * 40)

    assert (entry,) == globs.select([entry], [globs.literal(entry.path)])


def test_blob_ids_are_git_s() -> None:
    """As printed by ``git hash-object``, in both of git's hashes."""
    assert "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391" == blob_id(b"", "0" * 40)
    assert "ce013625030ba8dba906f756967f9e9ca394464a" == blob_id(b"hello\n", "0" * 40)
    assert "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813" == blob_id(b"", "0" * 64)
