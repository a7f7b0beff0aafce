"""Any git remote keeps the contract of documents; nothing of anybody's configuration takes part."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncer.errors import ConfigError, Missing, SyncerError, Unavailable
from syncer.forges import Secret
from syncer.model.source import CommitDraft
from syncer.ports import Documents
from syncer.sources.git_command import Git, Remote
from syncer.sources.git_documents import GitDocuments
from tests.contract.documents import DocumentsContract, draft
from tests.contract.worlds import World
from tests.team import FakeClock

from .people import PROFILE, GitWorld, address, git


@pytest.fixture
def world(tmp_path: Path) -> GitWorld:
    return GitWorld(tmp_path)


class TestDocuments(DocumentsContract):
    """Files of a git remote."""

    def test_descent(self, world: World, documents: Documents) -> None:
        """As everywhere, of what was seen while a branch led to it: git gives out nothing else."""
        first = world.head()
        second = world.push({"TODO.md": b"2"})
        third = world.push({"TODO.md": b"3"})
        documents.entries(documents.head("main", None).revision, ["TODO.md"])
        world.rewind(second)
        other = world.push({"TODO.md": b"other"})

        assert documents.is_ancestor(first, first)
        assert documents.is_ancestor(first, third)
        assert not documents.is_ancestor(third, first)
        assert not documents.is_ancestor(third, other)
        assert not documents.is_ancestor("f" * 40, first)

    def test_an_executable_stays_one(self, world: GitWorld, documents: Documents) -> None:
        """Only bytes change."""
        index = {"GIT_INDEX_FILE": str(world.bare / "index")}
        git(world.bare, "read-tree", "refs/heads/main", env=index)
        blob = git(world.bare, "rev-parse", "refs/heads/main:TODO.md")
        git(world.bare, "update-index", "--cacheinfo", f"100755,{blob},TODO.md", env=index)
        tree = git(world.bare, "write-tree", env=index)
        commit = git(world.bare, "commit-tree", tree, "-p", "refs/heads/main", "-m", "run it")
        git(world.bare, "update-ref", "refs/heads/main", commit)
        documents.commit(draft(documents, {"TODO.md": b"x"}))

        assert git(world.bare, "ls-tree", "refs/heads/main", "TODO.md").startswith("100755 ")

    def test_a_commit_names_its_author(self, world: GitWorld, documents: Documents) -> None:
        """Nobody else's name, whatever this machine is configured with."""
        documents.commit(draft(documents, {"TODO.md": b"x"}))

        assert "syncer <syncer@localhost>" == git(world.bare, "log", "-1", "--format=%an <%ae>", "main")

    def test_two_pushes_at_once_lose_nothing(self, world: GitWorld, documents: Documents) -> None:
        """A commit that slips in between our look and our push refuses ours."""
        plan = draft(documents, {"TODO.md": b"ours\n"})
        theirs = world.push({"README.md": b"theirs\n"})
        with pytest.raises(SyncerError, match="has moved"):
            documents.commit(plan)
        documents.commit(draft(documents, {"TODO.md": b"ours\n"}))

        assert theirs in git(world.bare, "rev-list", "main").split()
        assert (b"ours\n", b"theirs\n") == (world.file("TODO.md"), world.file("README.md"))


def test_nobodys_configuration_takes_part(
    world: GitWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither hooks nor settings of the person who runs it, nor of the environment."""
    trap = tmp_path / "hooks"
    trap.mkdir()
    for name in ("pre-push", "post-checkout", "reference-transaction", "post-commit"):
        (trap / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
        (trap / name).chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[core]\n\thooksPath = {trap}\n[user]\n\tname = eve\n"
        f'[url "file:///nowhere/"]\n\tinsteadOf = file://{world.bare}\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere.git"))
    monkeypatch.setenv("HOME", str(tmp_path))
    documents = world.documents()
    documents.commit(draft(documents, {"TODO.md": b"x"}))
    monkeypatch.delenv("GIT_DIR")

    assert b"x" == world.file("TODO.md")
    assert not (tmp_path / "sprung").exists()


def test_a_remote_that_runs_commands_is_refused(world: GitWorld, tmp_path: Path) -> None:
    """``ext::`` is a shell."""
    documents = world.documents(url=f"ext::sh -c touch% {tmp_path}/sprung")
    with pytest.raises(SyncerError):
        documents.head("main", None)

    assert not (tmp_path / "sprung").exists()


def test_a_remote_that_is_not_there(world: GitWorld, tmp_path: Path) -> None:
    """Told from one that cannot be reached."""
    with pytest.raises(Missing, match="no such repository"):
        world.documents(url=f"file://{tmp_path}/nothing.git").head("main", None)
    with pytest.raises(Unavailable):
        world.documents(url="http://127.0.0.1:9/x/y.git").head("main", None)


def test_a_secret_is_in_no_argument_and_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for git writes down how it was called."""
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "git").write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\nenv >> {tmp_path}/environment\n'
        'echo "fatal: could not read s3cr3t-token" >&2\nexit 128\n'
    )
    (fake / "git").chmod(0o755)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "HEAD").write_text("")
    monkeypatch.setenv("PATH", f"{fake}:{os.environ['PATH']}")
    remote = Remote("https://git.example.org/a/b.git", "bot", Secret("s3cr3t-token"))
    documents = GitDocuments(Git(tmp_path / "own", remote, FakeClock()), lambda: PROFILE, address)
    with pytest.raises(SyncerError) as caught:
        documents.head("main", None)

    assert "s3cr3t" not in str(caught.value)
    assert "s3cr3t" not in (tmp_path / "arguments").read_text()
    settings = (tmp_path / "environment").read_text()
    assert "http.https://git.example.org/.extraHeader" in settings
    assert "s3cr3t" not in settings  # it is encoded, as the header wants it


def test_without_git_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do."""
    monkeypatch.setenv("PATH", str(tmp_path))
    documents = GitDocuments(Git(tmp_path, Remote("file:///x"), FakeClock()), lambda: PROFILE, address)
    with pytest.raises(ConfigError, match="git cannot be run") as caught:
        documents.head("main", None)

    assert "install git" == caught.value.next_step


def test_a_file_that_is_new_is_added(world: GitWorld) -> None:
    """In a directory that was not there, with a name that is not plain."""
    documents = world.documents()
    head = documents.head("main", None).revision
    documents.commit(CommitDraft("main", head, {"ü/[a] b.md": b"n"}, {}, "add"))

    assert b"n" == world.file("ü/[a] b.md")
