"""What all documents promise. A subclass gives it a world; see ``test_memory.py``."""

from __future__ import annotations

import pytest

from syncer.errors import ConfigError, Forbidden, Missing, ReadOnly, StaleHead, UnknownFate
from syncer.model.source import CommitDraft, EntryKind
from syncer.ports import Documents

from .worlds import FILES, REPOSITORY, World

CONTENTS = {
    "plain": b"- [ ] a\n",
    "empty": b"",
    "unfinished": b"- [ ] a",
    "windows": b"- [ ] a\r\n\tb \r\n",
    "bom": b"\xef\xbb\xbf# A\n",
    "not text": bytes(range(256)),
    "double encoded": "âœ… dÃ©jÃ\xa0\n".encode(),
    "long": b"- [ ] a line of a long file\n" * 50_000,
}


def draft(documents: Documents, files: dict[str, bytes], *, expect: bool = True) -> CommitDraft:
    """A commit on top of the present head, made for the files as they are."""
    head = documents.head("main", None).revision
    known = {entry.path: entry.blob for entry in documents.entries(head, sorted(files))} if expect else {}
    return CommitDraft("main", head, files, known, "docs: change files\n\nBecause.")


class DocumentsContract:
    """One repository's files, whatever forge they are on.

    ``writes`` is how many requests that write a commit takes; only one of them has a visible effect.
    """

    writes = 1

    @pytest.fixture
    def documents(self, world: World) -> Documents:
        return world.documents()

    # --- heads ---------------------------------------------------------------------------------

    def test_a_head_is_known_until_it_moves(self, world: World, documents: Documents) -> None:
        """An unchanged head is the very one that was known; a push is seen at once."""
        first = documents.head("main", None)
        assert world.head() == first.revision
        world.requests()
        assert documents.head("main", first) is first
        assert (1, 0) == world.requests()
        revision = world.push({"TODO.md": b"- [x] first\n"})
        second = documents.head("main", first)

        assert revision == second.revision
        assert documents.head("main", second) is second

    def test_another_branch_is_another_head(self, world: World, documents: Documents) -> None:
        """A known head of one branch says nothing of another, even one with a slash."""
        main = documents.head("main", None)
        revision = world.push({"x.md": b"x"}, branch="release/v1")

        assert revision == documents.head("release/v1", main).revision

    def test_a_branch_that_is_not_there(self, documents: Documents) -> None:
        """Said so, with its name."""
        with pytest.raises(Missing, match="nothing-here"):
            documents.head("nothing-here", None)

    # --- entries -------------------------------------------------------------------------------

    def test_entries_by_path_and_pattern(self, world: World, documents: Documents) -> None:
        """Sorted, each once; a path that is not there yields nothing."""
        revision = world.push(
            {
                "docs/plan.md": b"p",
                "docs/deep/er/x.md": b"x",
                "docs/notes.txt": b"n",
                "ü ß/a b#?.md": b"u",
                "docs2/y.md": b"y",
            }
        )

        def paths(*patterns: str) -> list[str]:
            return [entry.path for entry in documents.entries(revision, patterns)]

        assert ["TODO.md"] == paths("TODO.md")
        assert ["README.md", "TODO.md"] == paths("*.md")
        assert ["docs/deep/er/x.md", "docs/plan.md"] == paths("docs/**/*.md")
        assert ["TODO.md", "docs/plan.md"] == paths("docs/*.md", "TODO.md", "docs/plan.md", "absent.md")
        assert ["ü ß/a b#?.md"] == paths("ü ß/a b#[?].md")
        assert [] == paths("absent.md", "absent/*.md", "absent/**")
        assert [] == paths()
        assert 7 == len(paths("**"))

    def test_entries_are_of_a_revision(self, world: World, documents: Documents) -> None:
        """Not of the branch: an older revision still shows what it held."""
        before = world.head()
        after = world.push({"TODO.md": None, "NEW.md": b"n"})

        assert ["README.md", "TODO.md"] == [entry.path for entry in documents.entries(before, ["*.md"])]
        assert ["NEW.md", "README.md"] == [entry.path for entry in documents.entries(after, ["*.md"])]

    def test_equal_blobs_are_equal_bytes(self, world: World, documents: Documents) -> None:
        """So that an unchanged file need not be read again."""
        before = world.head()
        after = world.push({"other.md": FILES["TODO.md"], "README.md": b"changed"})
        old = {entry.path: entry.blob for entry in documents.entries(before, ["*.md"])}
        new = {entry.path: entry.blob for entry in documents.entries(after, ["*.md"])}

        assert old["TODO.md"] == new["TODO.md"] == new["other.md"]
        assert old["README.md"] != new["README.md"]

    def test_what_is_no_file_is_told_apart(self, world: World, documents: Documents) -> None:
        """Links and directories are seen for what they are, and not read."""
        world.push({"docs/plan.md": b"p"})
        world.link("link.md")
        revision = world.head()
        entries = documents.entries(revision, ["link.md", "docs", "TODO.md"])

        assert {
            "TODO.md": EntryKind.FILE,
            "docs": EntryKind.DIRECTORY,
            "link.md": EntryKind.SYMLINK,
        } == {entry.path: entry.kind for entry in entries}
        assert {"TODO.md": FILES["TODO.md"]} == documents.read(revision, entries)
        assert ["README.md", "TODO.md", "link.md"] == [
            entry.path for entry in documents.entries(revision, ["*"])
        ]

    @pytest.mark.parametrize("pattern", ["../x.md", "/etc/passwd", "a/../../b", ".git/config", ""])
    def test_no_pattern_leaves_the_repository(self, pattern: str, documents: Documents) -> None:
        """Refused before anything is asked."""
        with pytest.raises(ConfigError):
            documents.entries("0" * 40, [pattern])

    def test_a_revision_that_is_not_there(self, documents: Documents) -> None:
        """Said so; it is no empty repository."""
        with pytest.raises(Missing):
            documents.entries("f" * 40, ["TODO.md"])

    # --- contents ------------------------------------------------------------------------------

    @pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
    def test_bytes_are_sacred(self, content: bytes, world: World, documents: Documents) -> None:
        """What was pushed is read, and what is committed is held, byte for byte."""
        revision = world.push({"a.md": content})
        entries = documents.entries(revision, ["a.md"])
        assert {"a.md": content} == documents.read(revision, entries)
        committed = documents.commit(draft(documents, {"a.md": content + b"\xff", "b.md": content}))

        assert content + b"\xff" == world.file("a.md")
        assert content == world.file("b.md")
        assert entries[0].blob == committed.blobs["b.md"]

    def test_reading_costs_one_request_for_each_file(self, world: World, documents: Documents) -> None:
        """And none for none."""
        revision = world.push({f"{number}.md": b"%d" % number for number in range(5)})
        entries = documents.entries(revision, ["[0-9].md"])
        world.requests()
        assert {} == documents.read(revision, [])
        assert {f"{number}.md": b"%d" % number for number in range(5)} == documents.read(revision, entries)
        assert world.requests()[0] <= 5

    # --- committing ----------------------------------------------------------------------------

    def test_a_commit_is_one_write_for_all_files(self, world: World, documents: Documents) -> None:
        """On top of its parent; other files stay, the new blobs are what the next listing shows."""
        plan = draft(documents, {"TODO.md": b"- [x] first\n", "docs/new.md": b"n"})
        world.requests()
        made = documents.commit(plan)
        written = world.requests()[1]
        head = documents.head("main", None)
        listed = {entry.path: entry.blob for entry in documents.entries(head.revision, ["**"])}

        assert self.writes == written
        assert (head.revision, plan.parent) == (made.revision, made.parent)
        assert dict(made.blobs) == {path: listed[path] for path in plan.files}
        assert b"- [x] first\n" == world.file("TODO.md")
        assert FILES["README.md"] == world.file("README.md")

    def test_a_lost_race_commits_nothing(self, world: World, documents: Documents) -> None:
        """Whether the other commit touched our file, or only others."""
        for path in ("TODO.md", "README.md"):
            plan = draft(documents, {"TODO.md": b"ours\n"})
            theirs = world.push({path: b"theirs\n"})
            with pytest.raises(StaleHead):
                documents.commit(plan)
            assert theirs == world.head()

    def test_a_rewritten_history_commits_nothing(self, world: World, documents: Documents) -> None:
        """The head was put back to an older commit: what we read is not what is there."""
        older = world.head()
        world.push({"TODO.md": b"- [ ] second\n"})
        plan = draft(documents, {"TODO.md": b"- [x] second\n"})
        world.rewind(older)
        with pytest.raises(StaleHead):
            documents.commit(plan)

        assert older == world.head()

    def test_a_protected_branch_says_so(self, world: World, documents: Documents) -> None:
        """With the next step; nothing is committed."""
        plan, before = draft(documents, {"TODO.md": b"x"}), world.head()
        world.protect()
        with pytest.raises(Forbidden) as caught:
            documents.commit(plan)

        assert before == world.head()
        assert "merge request" in caught.value.next_step

    def test_a_lost_answer_is_of_unknown_fate(self, world: World, documents: Documents) -> None:
        """Reading the head again tells what became of it; nothing is committed twice."""
        plan = draft(documents, {"TODO.md": b"x"})
        world.lose_next_answer("commit")
        with pytest.raises(UnknownFate):
            documents.commit(plan)
        head = documents.head("main", None).revision

        assert plan.parent != head
        assert documents.is_ancestor(plan.parent, head)
        assert b"x" == world.file("TODO.md")

    def test_read_only_documents_commit_nothing(self, world: World) -> None:
        """Refused before anything is sent."""
        documents, before = world.documents(read_only=True), world.head()
        plan = draft(documents, {"TODO.md": b"x"})
        world.requests()
        with pytest.raises(ReadOnly):
            documents.commit(plan)

        assert 0 == world.requests()[1]
        assert before == world.head()

    # --- history and addresses -----------------------------------------------------------------

    def test_descent(self, world: World, documents: Documents) -> None:
        """Of oneself, of what one stands on, of nothing unknown, and not the other way round."""
        first = world.head()
        second = world.push({"TODO.md": b"2"})
        third = world.push({"TODO.md": b"3"})
        world.rewind(second)
        other = world.push({"TODO.md": b"other"})

        assert documents.is_ancestor(first, first)
        assert documents.is_ancestor(first, third)
        assert not documents.is_ancestor(third, first)
        assert not documents.is_ancestor(third, other)
        assert not documents.is_ancestor("f" * 40, first)

    def test_history_names_the_commits_between(self, world: World, documents: Documents) -> None:
        """Newest last, with their messages and without the first; nothing where history leads elsewhere."""
        first = world.head()
        second = world.push({"x.md": b"1"})
        plan = draft(documents, {"TODO.md": b"- [x] first\n"})
        third = documents.commit(plan).revision

        found = documents.history(first, third)
        assert found is not None
        assert [second, third] == [entry.revision for entry in found]
        assert plan.message == found[-1].message.strip()
        assert (second,) == found[-1].parents
        assert () == documents.history(third, third)
        assert documents.history(third, first) is None

    def test_a_line_has_a_permanent_address(self, world: World, documents: Documents) -> None:
        """It names repository, revision, path and line, and is a valid address."""
        revision = world.head()
        address = documents.line_url("ü ß/a b#?.md", revision, 12)

        assert REPOSITORY in address
        assert f"/blob/{revision}/%C3%BC%20%C3%9F/a%20b%23%3F.md" in address
        assert address.endswith("#L12")
