"""Every event is told once: when it begins, not with every run that finds it again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from syncer.forges.notes import InMemoryNotes
from syncer.notify.news import MOST, Detail, Stand, Told, Topic, news
from syncer.notify.outbox import CLAIM, Interest, Outbox

AT = datetime(2026, 11, 21, tzinfo=UTC)
ALL = [Interest("ops", frozenset(Topic))]


def stand(run: str = "r1", **more: Any) -> Stand:
    return Stand("rune", run, AT, **{"details": (), "well": True, **more})


def conflict(digest: str, title: str = "Write it") -> Detail:
    return Detail(digest, Topic.CONFLICT, "TODO.md:3", title, "both sides changed")


def topics(*stands: Stand) -> list[list[str]]:
    """What is told of one run after the other."""
    told, found = Told(), []
    for each in stands:
        told, fresh = news(told, each)
        found.append([one.topic.value for one in fresh])
    return found


def test_nothing_is_told_where_all_is_well() -> None:
    assert topics(stand(), stand()) == [[], []]


def test_a_conflict_is_told_once_and_again_when_it_comes_back() -> None:
    here = stand(details=(conflict("a"),))

    assert topics(here, here, stand(), here) == [["conflict"], [], [], ["conflict"]]


def test_a_run_that_could_not_plan_neither_tells_nor_forgets_conflicts() -> None:
    here, blind = stand(details=(conflict("a"),)), stand(details=None, well=False)

    assert topics(here, blind, here) == [["conflict"], [], []]


def test_only_new_conflicts_are_listed() -> None:
    told, _ = news(Told(), stand(details=(conflict("a"),)))
    _, (one,) = news(told, stand(details=(conflict("a"), conflict("b", "Try it"))))

    assert [each.title for each in one.details] == ["Try it"]
    assert one.summary == "rune: 1 new conflict"


def test_a_long_list_is_cut_and_counted() -> None:
    many = tuple(conflict(str(number)) for number in range(MOST + 3))
    _, (one,) = news(Told(), stand(details=many))

    assert (len(one.details), one.more) == (MOST, 3)


def test_a_held_plan_that_grows_is_the_same_plan() -> None:
    first = stand(held=("60 creates",), digests=frozenset("ab"))
    more = stand(held=("61 creates",), digests=frozenset("abc"))
    other = stand(held=("70 closes",), digests=frozenset("xy"))

    assert topics(first, more, other, stand(), other) == [["held"], [], ["held"], [], ["held"]]


def test_a_parked_project_is_told_once_for_each_reason_and_once_when_it_recovers() -> None:
    parked = stand(details=None, well=False, parked="the token is wrong", cause="Unauthorized")
    other = stand(details=None, well=False, parked="no rights", cause="Forbidden")
    away = stand(details=None, well=False)  # the forge did not answer: that is no recovery

    assert topics(parked, parked, other, away, stand(), stand()) == [
        ["parked"],
        [],
        ["parked"],
        [],
        ["recovered"],
        [],
    ]


def test_what_was_told_survives_the_process_and_is_not_told_by_another() -> None:
    notes = InMemoryNotes()
    here = stand(details=(conflict("a"),))

    assert len(Outbox(notes).record(here, ALL, 0.0)) == 1
    assert Outbox(notes).record(here, ALL, 1.0) == ()


def test_a_letter_is_one_process_s_until_its_claim_is_over() -> None:
    notes = InMemoryNotes()
    one, other = Outbox(notes), Outbox(notes)
    one.record(stand(details=(conflict("a"),)), ALL, 0.0)

    letter = one.claim("rune", {"ops"}, 10.0)
    assert letter is not None
    assert letter.news.details[0].title == "Write it"
    assert other.claim("rune", {"ops"}, 10.0) is None
    # The first process was killed while it sent.
    assert other.claim("rune", {"ops"}, 10.0 + CLAIM) is not None
    other.delivered(letter)
    assert other.next_due("rune") is None


def test_letters_to_a_receiver_that_is_configured_no_longer_are_thrown_away() -> None:
    outbox = Outbox(InMemoryNotes())
    outbox.record(stand(details=(conflict("a"),)), ALL, 0.0)

    assert outbox.claim("rune", {"other"}, 0.0) is None
    assert outbox.next_due("rune") is None


def test_a_receiver_hears_of_its_topics_and_projects_only() -> None:
    outbox = Outbox(InMemoryNotes())
    interests = [
        Interest("plans", frozenset({Topic.HELD})),
        Interest("elsewhere", frozenset(Topic), frozenset({"other"})),
    ]
    outbox.record(stand(details=(conflict("a"),)), interests, 0.0)

    assert outbox.next_due("rune") is None
