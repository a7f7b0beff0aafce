"""A ref as the place of one commit: swapped by comparison, whatever the network and the host do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncer.clock import SystemClock
from syncer.errors import ConfigError, StaleHead, Unauthorized, Unavailable
from syncer.ledger.git.place import Kept
from syncer.sources.git_command import Git, Remote, Said
from syncer.sources.git_ref import GitRef
from tests.ledger.places import BareRepository
from tests.sources.people import git

REF = "refs/syncer/rune"
BRANCH = "refs/heads/syncer-state/rune"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ONE, TWO = {"about.json": b"1\n", "a/b.jsonl": b"x\n"}, {"about.json": b"2\n", "c": b"\x00\xff"}
LOST = Said(-1, b"", "fatal: the remote end hung up unexpectedly")


@pytest.fixture
def repository(tmp_path: Path) -> BareRepository:
    return BareRepository(tmp_path)


@pytest.fixture
def place(repository: BareRepository) -> GitRef:
    return repository.place("rune")


class Unreliable(Git):
    """A git whose pushes may get lost, or their answers."""

    def __init__(self, directory: Path, url: str, mishaps: list[str], also: Callable[[], object]) -> None:
        super().__init__(directory, Remote(url, name="state.url"), SystemClock())
        self.mishaps = mishaps
        self.also = also

    def over_network(self, *arguments: str, write: bool = False) -> Said:
        mishap = self.mishaps.pop(0) if self.mishaps and arguments[0] == "push" else ""
        if mishap == "never sent":
            return LOST
        said = super().over_network(*arguments, write=write)
        if mishap == "answer lost":
            return LOST
        if mishap == "answer lost, and then somebody else":
            self.also()
            return LOST
        return said


def unreliable(
    repository: BareRepository, mishaps: list[str], also: Callable[[], object] = lambda: None
) -> GitRef:
    where = repository.directory / "unreliable.git"
    return GitRef(Unreliable(where, f"file://{repository.path}", mishaps, also), REF, BRANCH)


def test_what_is_put_there_is_read_there(repository: BareRepository, place: GitRef) -> None:
    """Byte by byte, by anybody, and what was before is gone."""
    assert place.read() == Kept()
    first = place.replace("", ONE, "one", AT)
    second = place.replace(first.revision, TWO, "two", AT)

    assert repository.place("rune").read() == Kept(second.revision, TWO)
    assert repository.refs() == [REF]
    assert git(repository.path, "rev-list", "--count", REF) == "1"


def test_only_what_was_expected_is_replaced(repository: BareRepository, place: GitRef) -> None:
    """Of two who read the same, one is refused; so is one who thinks that there is nothing."""
    first = place.replace("", ONE, "one", AT)
    other = repository.place("rune")
    assert other.read().revision == first.revision
    second = place.replace(first.revision, TWO, "two", AT)
    with pytest.raises(StaleHead):
        other.replace(first.revision, ONE, "late", AT)
    with pytest.raises(StaleHead):
        other.replace("", ONE, "blind", AT)

    assert repository.place("rune").read() == second


@pytest.mark.parametrize("mishap", ["never sent", "answer lost"])
def test_a_push_without_an_answer_is_looked_for(repository: BareRepository, mishap: str) -> None:
    """And sent again only where it did not arrive, when it is made and when it is replaced."""
    place = unreliable(repository, [mishap])
    first = place.replace("", ONE, "one", AT)
    place = unreliable(repository, [mishap, mishap])
    second = place.replace(place.read().revision, TWO, "two", AT)

    assert first.revision != second.revision
    assert repository.place("rune").read() == second


def test_a_push_without_an_answer_that_was_replaced_since_is_a_lost_race(
    repository: BareRepository, place: GitRef
) -> None:
    first = place.replace("", ONE, "one", AT)
    ours = unreliable(
        repository,
        ["answer lost, and then somebody else"],
        lambda: (place.read(), place.replace(place.read().revision, TWO, "theirs", AT)),
    )
    with pytest.raises(StaleHead):
        ours.replace(ours.read().revision, {"about.json": b"ours"}, "ours", AT)

    assert first.revision != place.read().revision
    assert place.read().files == TWO


def test_after_pushes_that_failed_altogether_the_next_one_builds_on_whatever_arrived(
    repository: BareRepository, place: GitRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knew what became of it; it was our own."""
    first = place.replace("", ONE, "one", AT)
    ours = unreliable(repository, ["answer lost", "never sent", "never sent"])
    ours.read()
    with monkeypatch.context() as patch:
        patch.setattr(ours, "_look", lambda: {REF: first.revision})  # an old answer
        with pytest.raises(Unavailable, match="run it again"):
            ours.replace(first.revision, TWO, "two", AT)
    third = ours.replace(first.revision, ONE | TWO, "three", AT)

    assert repository.place("rune").read() == third


def test_a_remote_that_is_away_is_said_so(repository: BareRepository, tmp_path: Path) -> None:
    place = repository.place("rune", url="http://127.0.0.1:9/acme/rune.git")
    with pytest.raises(Unavailable) as caught:
        place.read()

    assert caught.value.where == "state.url"


def test_a_host_that_refuses_the_ref_gets_a_branch(repository: BareRepository, place: GitRef) -> None:
    """From the first push on, for everybody, also when the host changes its mind."""
    repository.hook("update", 'case "$1" in refs/heads/*) ;; *) echo "no such refs" >&2; exit 1;; esac')
    first = place.replace(place.read().revision, ONE, "one", AT)
    assert repository.refs() == [BRANCH]
    repository.hook("update", "exit 0")
    other = repository.place("rune")
    assert other.read() == first
    other.replace(first.revision, TWO, "two", AT)

    assert repository.refs() == [BRANCH]
    assert other.shown.startswith(BRANCH)


def test_a_host_that_refuses_both_is_an_error_that_says_why(
    repository: BareRepository, place: GitRef
) -> None:
    repository.hook("pre-receive", "echo 'this key may not write' >&2; exit 1")
    with pytest.raises(ConfigError, match="may not write") as caught:
        place.replace("", ONE, "one", AT)

    assert REF in str(caught.value)
    assert BRANCH in str(caught.value)
    assert repository.refs() == []


def test_a_ref_that_is_refused_later_does_not_move_to_a_branch(
    repository: BareRepository, place: GitRef
) -> None:
    """Two places for one state would be two leases."""
    first = place.replace("", ONE, "one", AT)
    repository.hook("update", 'case "$1" in refs/heads/*) ;; *) exit 1;; esac')
    with pytest.raises(ConfigError):
        place.replace(first.revision, TWO, "two", AT)

    assert repository.refs() == [REF]


def test_a_state_in_two_places_is_nobodys(repository: BareRepository, place: GitRef) -> None:
    """Made by two at the same moment, of which one was refused the ref: both stop."""
    first = place.replace("", ONE, "one", AT)
    git(repository.path, "update-ref", BRANCH, first.revision)
    with pytest.raises(ConfigError, match="two places"):
        repository.place("rune").read()
    git(repository.path, "update-ref", "-d", REF)
    hasty = unreliable(repository, ["answer lost"])
    with pytest.raises(ConfigError, match="two places"):
        hasty.replace("", TWO, "two", AT)


def test_where_history_may_not_be_replaced_it_is_kept(repository: BareRepository) -> None:
    """The same promise at the price of old commits."""
    git(repository.path, "config", "receive.denyNonFastForwards", "true")  # git asks that of branches only
    place = repository.place("rune", ref=BRANCH)
    first = place.replace("", ONE, "one", AT)
    second = place.replace(first.revision, TWO, "two", AT)
    other = repository.place("rune", ref=BRANCH)
    assert other.read() == second
    third = other.replace(second.revision, ONE, "three", AT)
    with pytest.raises(StaleHead):
        place.replace(second.revision, TWO, "late", AT)

    assert repository.place("rune", ref=BRANCH).read() == third
    assert git(repository.path, "rev-list", "--count", BRANCH) == "3"


def test_a_probe_writes_nothing(repository: BareRepository, place: GitRef) -> None:
    """It only asks whether it might."""
    place.probe(place.read().revision)
    first = place.replace("", ONE, "one", AT)
    place.probe(first.revision)

    assert place.read() == first
    with pytest.raises(Unauthorized):
        _closed(repository).probe("")


def _closed(repository: BareRepository) -> GitRef:
    """A remote that lets us read."""
    where = repository.directory / "closed.git"
    runner = Unreliable(where, f"file://{repository.path}", [], lambda: None)
    over_network = runner.over_network

    def answer(*arguments: str, write: bool = False) -> Said:
        if arguments[0] == "push":
            return Said(
                128, b"", "fatal: unable to access 'https://x/': The requested URL returned error: 403"
            )
        return over_network(*arguments, write=write)

    runner.over_network = answer  # type: ignore[method-assign]
    return GitRef(runner, REF, BRANCH)
