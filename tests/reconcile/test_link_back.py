"""Links from lines to their issues, where ``tests/examples/link_back.md`` has no words for it."""

from __future__ import annotations

from dataclasses import replace

from syncer.model.fields import Field
from syncer.model.identity import TrackerId
from syncer.model.ledger import BindingState, Decision, LedgerChange
from syncer.model.plan import digests
from syncer.reconcile.policy import LinkBack
from syncer.service.cycle import Orders
from tests.team import PLAIN, Team

LINKED = replace(PLAIN, link_back=LinkBack.LINK)
LINE = "- [ ] Write the parser\n"
URL = "https://memory.test/acme/rune/issues"


def test_with_two_trackers_a_line_links_to_the_first() -> None:
    """Both have an issue; the line shows one link."""
    team = Team(LINE, policy=LINKED, trackers=("acme/rune", "acme/mirror"))
    team.settled()

    assert [len(team.issues(name)) for name in team.names] == [1, 1]
    assert team.text == f"- [ ] Write the parser ([#1]({URL}/1))\n"


def test_an_issue_that_is_created_anew_has_its_link_replaced() -> None:
    """The old number leads nowhere any more."""
    team = Team(LINE, policy=LINKED)
    team.settled()
    team.clock.pass_time(3600)
    team.repository().delete(1)
    team.sync(Orders(full=True))
    (hold,) = team.holds
    decision = Decision(
        team.binding("Write the parser").uid,
        Field.PRESENCE,
        winner=TrackerId(""),
        holds=frozenset({hold.digest}),
        at=team.clock.now(),
    )
    team.ledger.save("rune", LedgerChange(decisions=(decision,)))
    team.settled()

    assert team.text == f"- [ ] Write the parser ([#2]({URL}/2))\n"


def test_a_link_to_come_has_the_same_digest_once_its_issue_has_a_number() -> None:
    """So a saved plan that was cut short half way can be applied again."""
    team = Team(LINE, policy=LINKED)
    before = set(digests(team.plan().actions))
    team.policy = PLAIN
    team.sync()
    team.policy = LINKED
    after = set(digests(team.plan().actions))

    assert after
    assert after < before


def test_turning_the_option_off_leaves_the_links_where_they_are() -> None:
    """They go on binding, as any link that people write."""
    team = Team(LINE, policy=LINKED)
    team.settled()
    team.policy = PLAIN
    assert team.settled().holds == ()
    team.edit("Write the parser", "Draw quite another picture")
    team.settled()

    assert team.issues()[0].title == "Draw quite another picture"


def test_the_answer_to_a_changed_link_is_to_end_one_binding() -> None:
    """After ``syncer forget`` the line is the line of the issue that it links to."""
    team = Team(LINE, policy=LINKED)
    team.settled()
    team.repository().open("Something of mine")
    team.edit("[#1](https://memory.test/acme/rune/issues/1)", f"[#2]({URL}/2)")
    assert [hold.code for hold in team.holds] == ["link-changed"]
    ended = replace(team.binding("Write the parser"), state=BindingState.ENDED)
    team.ledger.save("rune", LedgerChange(bindings=(ended,), forgotten=frozenset({ended.uid})))
    team.sync()
    team.edit("Write the parser", "Draw quite another picture")
    held = [hold.code for hold in team.sync().plan.holds]  # type: ignore[union-attr]

    # Nothing was settled about the two yet, so that their texts are a question of their own.
    assert held == ["no-base"]
    assert team.text == f"- [ ] Draw quite another picture ([#2]({URL}/2))\n"
