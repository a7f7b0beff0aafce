"""The checkout we stand in as a source: files are read as they lie, and written in place."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncer.errors import ConfigError, Garbled, Missing, ReadOnly, StaleHead
from syncer.model.source import CommitDraft, EntryKind
from syncer.sources.git_command import Git, Remote
from syncer.sources.worktree import WorktreeDocuments
from tests.team import FakeClock

from .people import PROFILE, address, git


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "rune"
    (root / "docs").mkdir(parents=True)
    git(root, "init", "-q", "-b", "work")
    (root / "TODO.md").write_bytes(b"- [ ] first\r\n")
    (root / "docs" / "plan.md").write_bytes(b"- [ ] second\n")
    (root / ".gitignore").write_text("build/\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "begin")
    return root


def documents(root: Path, *, read_only: bool = False) -> WorktreeDocuments:
    runner = Git(root, Remote("", name="checkout"), FakeClock())
    return WorktreeDocuments(runner, ["**/*.md"], lambda: PROFILE, address, read_only=read_only)


def draft(files: WorktreeDocuments, **changes: bytes) -> CommitDraft:
    head = files.head("main", None).revision
    wanted = {path.replace("__", "/") + ".md": data for path, data in changes.items()}
    known = {entry.path: entry.blob for entry in files.entries(head, sorted(wanted))}
    return CommitDraft("main", head, wanted, known, "tick")


def test_what_lies_there_is_read_committed_or_not(checkout: Path) -> None:
    """Changed and new files as they are; ignored ones not at all."""
    (checkout / "TODO.md").write_bytes(b"- [x] first\r\n")
    (checkout / "new.md").write_bytes(b"- [ ] new\n")
    (checkout / "build").mkdir()
    (checkout / "build" / "x.md").write_bytes(b"- [ ] no\n")
    files = documents(checkout)
    head = files.head("main", None)
    entries = files.entries(head.revision, ["**/*.md"])

    assert ["TODO.md", "docs/plan.md", "new.md"] == [entry.path for entry in entries]
    assert b"- [x] first\r\n" == files.read(head.revision, entries)["TODO.md"]
    assert "main" == head.branch


def test_a_head_is_known_until_a_roadmap_changes(checkout: Path) -> None:
    """By content, not by time; other files do not count."""
    files = documents(checkout)
    first = files.head("main", None)
    (checkout / "main.py").write_text("pass")
    (checkout / "TODO.md").write_bytes(b"- [ ] first\r\n")
    assert files.head("main", first) is first
    (checkout / "TODO.md").write_bytes(b"- [x] first\r\n")
    second = files.head("main", first)

    assert first.revision != second.revision
    assert files.is_ancestor(first.revision, second.revision)
    assert () == files.history(first.revision, second.revision)


def test_edits_are_written_in_place(checkout: Path) -> None:
    """Byte for byte, with the file's rights, and nothing is committed."""
    (checkout / "TODO.md").chmod(0o755)
    before = git(checkout, "rev-parse", "HEAD")
    files = documents(checkout)
    made = files.commit(draft(files, TODO=b"- [x] first\r\n", docs__plan=b"- [x] second\n"))

    assert b"- [x] first\r\n" == (checkout / "TODO.md").read_bytes()
    assert b"- [x] second\n" == (checkout / "docs" / "plan.md").read_bytes()
    assert 0o755 == (checkout / "TODO.md").stat().st_mode & 0o777
    assert before == git(checkout, "rev-parse", "HEAD")
    assert made.revision == files.head("main", None).revision
    assert dict(made.blobs) == {e.path: e.blob for e in files.entries(made.revision, ["**/*.md"])}
    assert [] == [path.name for path in checkout.rglob(".syncer-*")]


@pytest.mark.parametrize("other", ["TODO.md", "docs/plan.md"])
def test_a_file_that_somebody_saves_meanwhile_refuses_the_edits(checkout: Path, other: str) -> None:
    """All of them: nothing is written."""
    files = documents(checkout)
    plan = draft(files, TODO=b"ours\n")
    (checkout / other).write_bytes(b"theirs\n")
    with pytest.raises(StaleHead):
        files.commit(plan)

    assert b"ours\n" != (checkout / "TODO.md").read_bytes()


def test_another_commit_is_another_revision(checkout: Path) -> None:
    """What was listed at the old one is not there any more."""
    files = documents(checkout)
    old = files.head("main", None).revision
    git(checkout, "commit", "-q", "--allow-empty", "-m", "more")
    with pytest.raises(Missing):
        files.entries(old, ["TODO.md"])

    assert files.is_ancestor(old, files.head("main", None).revision)


def test_links_are_never_followed(checkout: Path, tmp_path: Path) -> None:
    """Neither the file itself nor a directory on the way to it; in either direction."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_bytes(b"- [ ] secret\n")
    (checkout / "link.md").symlink_to(outside / "secret.md")
    (checkout / "door").symlink_to(outside)
    files = documents(checkout)
    head = files.head("main", None).revision
    kinds = {entry.path: entry.kind for entry in files.entries(head, ["*", "link.md", "door/secret.md"])}

    assert EntryKind.SYMLINK is kinds["link.md"]
    assert "door/secret.md" not in kinds
    with pytest.raises(StaleHead):
        files.commit(CommitDraft("main", head, {"door/secret.md": b"x"}, {}, "m"))
    assert b"- [ ] secret\n" == (outside / "secret.md").read_bytes()


def test_a_file_that_changes_while_it_is_read_is_read_again(checkout: Path) -> None:
    """By the next run: what was listed is not what is there."""
    files = documents(checkout)
    head = files.head("main", None).revision
    entries = files.entries(head, ["TODO.md"])
    (checkout / "TODO.md").write_bytes(b"else\n")
    with pytest.raises(Garbled):
        files.read(head, entries)


def test_a_dry_run_writes_nothing(checkout: Path) -> None:
    """As everywhere."""
    files = documents(checkout, read_only=True)
    with pytest.raises(ReadOnly):
        files.commit(draft(files, TODO=b"x"))


def test_an_address_names_the_commit(checkout: Path) -> None:
    """Not what lies beside it."""
    files = documents(checkout)
    commit = git(checkout, "rev-parse", "HEAD")

    assert f"/blob/{commit}/TODO.md?plain=1#L3" in files.line_url(
        "TODO.md", files.head("x", None).revision, 3
    )


def test_what_is_no_checkout_is_said(tmp_path: Path) -> None:
    """With what to do."""
    with pytest.raises(ConfigError, match="no git checkout"):
        WorktreeDocuments(Git(tmp_path, Remote(""), FakeClock()), [], lambda: PROFILE, address).head(
            "x", None
        )
