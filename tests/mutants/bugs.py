"""Bugs that somebody could make, each as the replacement of one text by another.

Several are mistakes that other tools were seen to make: the base written before the effect, identity by
title, absence read as deletion, a create sent again blindly, an answer taken for a fact.
"""

from __future__ import annotations

from dataclasses import dataclass

LAW = "tests/reconcile/test_semantics.py"
FOLLOWING = "tests/reconcile/test_following.py"
CALLS = "tests/crash/test_every_call.py"
RACES = "tests/hostile/test_races.py"
HISTORIES = "tests/hostile/test_regressions.py"
ANSWERS = "tests/crash/test_answers.py"
READ_FIRST = "tests/crash/test_read_first.py"
PROOF = "tests/crash/test_proof.py"
HOSTILE = "tests/hostile/test_hostile.py"


@dataclass(frozen=True)
class Bug:
    """One planted bug.

    Args:
        what: for people.
        path: of the module, below ``syncer``.
        old: a text that stands there exactly once.
        new: what stands there instead.
        tests: files of which one has to fail, the quickest first.
    """

    what: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


BUGS = (
    # -- the law -----------------------------------------------------------------------------------------
    Bug(
        "a conflict is decided for the tracker",
        "reconcile/merge.py",
        "    return Merged(held=tuple(changed))",
        "    return Merged(source, (ROADMAP,))",
        (LAW,),
    ),
    Bug(
        "a side is changed when it differs from the other side",
        "reconcile/merge.py",
        "if value != bases[tracker].tracker]",
        "if value != roadmap]",
        (LAW,),
    ),
    Bug(
        "the roadmap's own half of the base is not looked at",
        "reconcile/merge.py",
        "if roadmap != bases[tracker].roadmap]",
        "if roadmap != bases[tracker].tracker]",
        (LAW,),
    ),
    Bug(
        "a change of the roadmap does not count against one of the tracker",
        "reconcile/merge.py",
        "if differing or (against and not roadmap_agrees):",
        "if differing:",
        (LAW,),
    ),
    Bug(
        "without a base the roadmap wins",
        "reconcile/merge.py",
        "    conflict = _conflict(roadmap, {t: unknown[t] for t in rest}, rest, agree, policy)\n",
        "    conflict = Merged(ROADMAP, tuple(rest))\n",
        (LAW,),
    ),
    Bug(
        "the policy for the roadmap takes the tracker's value",
        "reconcile/merge.py",
        "if policy is OnConflict.ROADMAP:",
        "if policy is OnConflict.TRACKER:",
        (LAW,),
    ),
    Bug(
        "closed as not planned ticks the box",
        "reconcile/merge.py",
        "return value is TaskState.DROPPED and (keep_dropped or now is TaskState.DONE)",
        "return False",
        (LAW,),
    ),
    Bug(
        "a reason is changed by reopening",
        "reconcile/merge.py",
        "    return {now, value} == {TaskState.DONE, TaskState.DROPPED}",
        "    return False",
        (LAW,),
    ),
    Bug(
        "not planned without a base is a conflict",
        "reconcile/merge.py",
        "if t not in bases and (state is TaskState.DROPPED or (state.finished and roadmap.finished))",
        "if t not in bases and state.finished and roadmap.finished",
        (LAW,),
    ),
    Bug(
        "a box that a rewritten history unticked counts as unticked by a person",
        "reconcile/items/states.py",
        "    return draft.observation.rewritten and any(",
        "    return False and any(",
        (LAW, HISTORIES),
    ),
    Bug(
        "titles are compared without regard to case",
        "reconcile/canonical.py",
        'unicodedata.normalize("NFC", text.translate(_INVISIBLE))).strip()',
        'unicodedata.normalize("NFC", text.translate(_INVISIBLE))).strip().casefold()',
        (LAW, CALLS, RACES),
    ),
    Bug(
        "labels that people set are taken away",
        "reconcile/merge.py",
        "    return (now | (roadmap - known)) - (known - roadmap)",
        "    return roadmap",
        (LAW,),
    ),
    Bug(
        "an unchanged pair is settled anew and a settled difference is carried",
        "reconcile/merge.py",
        "    targets = tuple(t for t in moved if not agree(ROADMAP, roadmap, t, known[t]))",
        "    targets = tuple(t for t in known if not agree(ROADMAP, roadmap, t, known[t]))",
        (LAW,),
    ),
    # -- who is who --------------------------------------------------------------------------------------
    Bug(
        "two equal lines are the first one twice",
        "reconcile/align.py",
        "        if len(positions) == len(others):",
        "        if others:",
        (FOLLOWING, HISTORIES, HOSTILE),
    ),
    Bug(
        "an equal line elsewhere is new while its twin is unclear",
        "reconcile/match.py",
        "        self._hold_equals()\n",
        "",
        (HISTORIES,),
    ),
    Bug(
        "a line that was bound since is a landmark",
        "reconcile/rewording.py",
        "if match.item.path == path and uid in landmarks",
        "if match.item.path == path",
        (HISTORIES, FOLLOWING),
    ),
    Bug(
        "a moved line is a new line",
        "reconcile/match.py",
        "        self._by_text()\n",
        "",
        (LAW, FOLLOWING, CALLS),
    ),
    Bug(
        "a reworded line is a new line",
        "reconcile/match.py",
        "        Rewording(self._left).run()\n",
        "",
        (LAW, FOLLOWING, RACES),
    ),
    Bug(
        "an unclear line gets an issue",
        "reconcile/presence.py",
        "    if unclear is not None:\n        draft.ask(\n            draft.subject(key, tracker=tracker)",
        "    if False:\n        draft.ask(\n            draft.subject(key, tracker=tracker)",
        (HISTORIES, FOLLOWING, LAW),
    ),
    Bug(
        "an issue of ours that no line explains does not hold lines back",
        "reconcile/unexplained.py",
        "    for score, key in alike:\n        draft.matching.unclear_items.setdefault(",
        "    for score, key in alike[:0]:\n        draft.matching.unclear_items.setdefault(",
        (LAW, HOSTILE),
    ),
    Bug(
        "a marked issue is recognised by nothing but its title",
        "reconcile/unexplained.py",
        "            by_origin.get(issue.origin),\n            by_place.get((issue.reference, title)),\n",
        "",
        (HISTORIES, LAW, HOSTILE, FOLLOWING),
    ),
    Bug(
        "a milestone is recognised by nothing but its title",
        "reconcile/unexplained.py",
        "                found = _renamed(draft, tracker, milestone, free)\n",
        "                found = None\n",
        (HISTORIES,),
    ),
    # -- absence -----------------------------------------------------------------------------------------
    Bug(
        "what a list does not show is gone",
        "service/believing.py",
        "            direct = _directly(tracker, number)\n",
        "            direct = None\n",
        (HISTORIES,),
    ),
    Bug(
        "a complete list is believed",
        "service/believing.py",
        "            complete = unlisted is None\n",
        "            complete = True\n",
        (HISTORIES,),
    ),
    Bug(
        "what was listed in part is not listed again",
        "service/believing.py",
        "cursors={tracker.id: reading.cursor if complete else Cursor()},",
        "cursors={tracker.id: reading.cursor},",
        (HISTORIES, HOSTILE),
    ),
    Bug(
        "a stale list of the same second is believed",
        "service/believing.py",
        "if before is not None and found != before and found.updated_at <= before.updated_at:",
        "if before is not None and found != before and found.updated_at < before.updated_at:",
        (HISTORIES,),
    ),
    Bug(
        "an old list is believed",
        "service/believing.py",
        "if before is not None and found != before and found.updated_at <= before.updated_at:",
        "if False and before is not None:",
        (HISTORIES, HOSTILE),
    ),
    Bug(
        "a line that is gone closes its issue",
        "reconcile/presence.py",
        "    if draft.policy.removed is Removed.CLOSE:",
        "    if True:",
        (LAW, FOLLOWING),
    ),
    # -- effects -----------------------------------------------------------------------------------------
    Bug(
        "a create without an answer is sent again blindly",
        "service/recover.py",
        "    if found is None:\n        found = _look_for(book, intent, tracker)\n",
        "",
        (HISTORIES,),
    ),
    Bug(
        "a create without an answer is not looked for at all",
        "service/recover.py",
        "    if found is not None:\n        adopt(book, intent, tracker.id, found)\n        return\n",
        "",
        (HISTORIES,),
    ),
    Bug(
        "an effect without an answer is taken for one that never happened",
        "service/sending.py",
        "    except UnknownFate:\n        raise\n",
        "    except UnknownFate:\n        book.close_intent(intent)\n        raise\n",
        (HISTORIES,),
    ),
    Bug(
        "an effect is sent before it is written down",
        "service/create.py",
        "        issue = send(\n            self._book,\n            intent,\n",
        "        self._book.close_intent(intent)\n"
        "        issue = send(\n            self._book,\n            intent,\n",
        (CALLS,),
    ),
    Bug(
        "the base is written before the effect",
        "service/change.py",
        "        answer = send(\n            self._book, intent, lambda: tracker.update_issue(action.number,",
        "        self._book.save(self._book.settled(action.settles))\n        answer = send(\n"
        "            self._book, intent, lambda: tracker.update_issue(action.number,",
        (CALLS,),
    ),
    Bug(
        "the edits' base is written before the commit",
        "service/commit.py",
        "        committed = send(self._book, intent,",
        "        self._book.save(self._book.settled(settles))\n        committed = send(self._book, intent,",
        (CALLS,),
    ),
    Bug(
        "a commit settles what a tracker was never told",
        "service/commit.py",
        "self._book.settled(self._book.shown(settles), self._rehearsal.words)",
        "self._book.settled(settles, self._rehearsal.words)",
        (READ_FIRST,),
    ),
    Bug(
        "a commit without an answer never landed",
        "service/recover.py",
        "        landed = any(",
        "        landed = False and any(",
        (ANSWERS, CALLS),
    ),
    Bug(
        "a commit without an answer landed",
        "service/recover.py",
        "    landed = False\n",
        "    landed = True\n",
        (CALLS, ANSWERS),
    ),
    Bug(
        "a line that a commit reworded is looked for under its old text",
        "service/recover.py",
        "    return book.relocated(anchors, {}, book.settled(",
        "    return book.relocated({}, {}, book.settled(",
        (ANSWERS, HISTORIES),
    ),
    Bug(
        "a close without an answer took effect if the issue was ever closed",
        "service/recover.py",
        "        and events[-1].at > intent.seen_at\n        and any(event.state",
        "        and any(event.state",
        (ANSWERS,),
    ),
    Bug(
        "a close without an answer is sent again",
        "service/recover.py",
        "        elif settlement.field is Field.STATE and _was_in_state(tracker, intent, settlement):",
        "        elif False:",
        (ANSWERS,),
    ),
    Bug(
        "a milestone that somebody touched is changed again",
        "service/recover.py",
        "    doubtful = [] if untouched else",
        "    doubtful = [] if True else",
        (ANSWERS,),
    ),
    Bug(
        "nothing is read before an issue is closed",
        "service/change.py",
        "        if before.state is not action.before:",
        "        if False:",
        (READ_FIRST,),
    ),
    Bug(
        "nothing is read before an issue is changed",
        "service/change.py",
        "            elif shown != _canonical(action.field, action.before):",
        "            elif False:",
        (READ_FIRST,),
    ),
    Bug(
        "a title that somebody set in the same moment is overwritten",
        "service/change.py",
        "        theirs = self._restored(tracker, wanted, before)",
        "        theirs = None",
        (READ_FIRST,),
    ),
    Bug(
        "a body that somebody wrote in the same moment is overwritten",
        "service/change.py",
        "        if bodies is not None and overwritten is not None:",
        "        if False:",
        (READ_FIRST,),
    ),
    Bug(
        "a body that a run wrote over before it died stays overwritten",
        "service/recover.py",
        "        if overwritten is not None:",
        "        if False:",
        (READ_FIRST,),
    ),
    Bug(
        "what the forge shows after a write is not remembered",
        "service/change.py",
        "Settled(each.settled.roadmap, after.state))",
        "Settled(each.settled.roadmap, before.state))",
        (LAW, CALLS),
    ),
    Bug(
        "the guard is not asked",
        "service/cycle.py",
        "            if report.verdict.held:",
        "            if False:",
        (READ_FIRST,),
    ),
    Bug(
        "the place of a reworded line is remembered after the receipt",
        "service/commit.py",
        "        self._book.save(merged(stand, LedgerChange(closed_intents=(intent.id,))))",
        "        self._book.save(merged(settled, LedgerChange(closed_intents=(intent.id,))))\n"
        "        self._book.flush()",
        (HISTORIES, CALLS),
    ),
    Bug(
        "a second change hides that the first has no answer",
        "service/change_milestone.py",
        "        if self._in_doubt(tracker.id, actions[0].key):",
        "        if False:",
        (HISTORIES, CALLS),
    ),
    Bug(
        "two milestones of one title are tried for ever",
        "reconcile/stages/fields.py",
        "            if self._taken(side, wanted):",
        "            if False:",
        (HISTORIES,),
    ),
    Bug(
        "the file's version is forgotten when something in it is unclear",
        "service/places.py",
        "        if path not in plan.unsettled and (",
        "        if (",
        (HISTORIES, FOLLOWING, HOSTILE),
    ),
    Bug(
        "what changes within a minute of our own write is an echo",
        "service/believing.py",
        "        if found != before:\n            fresh.append(found)\n",
        "        if before is None or (found.updated_at - before.updated_at).total_seconds() > 60:\n"
        "            fresh.append(found)\n",
        (RACES, HISTORIES),
    ),
    Bug(
        "a dry run applies",
        "service/cycle.py",
        "            if orders.dry:\n                return\n",
        "",
        (READ_FIRST,),
    ),
    Bug(
        "a milestone is closed over the heads of people whose issues it holds",
        "reconcile/stages/states.py",
        "    strangers = _strangers(draft, tracker, milestone)\n",
        "    strangers: list[int] = []\n",
        (HISTORIES,),
    ),
    Bug(
        "a line is created on a tracker that was not read completely",
        "reconcile/presence.py",
        "    if not view.complete:\n",
        "    if False:\n",
        (HISTORIES,),
    ),
    Bug(
        "a create without an answer is repeated within the grace period",
        "service/recover.py",
        "    if now >= until:\n",
        "    if True:\n",
        (PROOF,),
    ),
    Bug(
        "a line whose create has no answer gets another issue",
        "reconcile/presence.py",
        "    if uid is not None and (uid, tracker) in draft.observation.pending:",
        "    if False:",
        (PROOF,),
    ),
    Bug(
        "a number that nothing answers to is nobody's",
        "service/recover.py",
        "    if unseen:\n",
        "    if False:\n",
        (PROOF,),
    ),
    Bug(
        "a pull request between two numbers leaves a create in doubt for ever",
        "service/recover.py",
        "        except (OtherThing, Gone, Moved):\n            # A pull request, or something that is known"
        " to have been deleted or transferred.\n            continue\n",
        "        except (OtherThing, Gone, Moved):\n            return False\n",
        (PROOF,),
    ),
    Bug(
        "what the database did not take is remembered in memory",
        "service/book.py",
        "        if not self._dry:\n            self._ledger.save(self._project, change)\n"
        "        self._entries = []\n",
        "        self._entries = []\n        self._remember_facts(change)\n"
        "        if not self._dry:\n            self._ledger.save(self._project, change)\n",
        (CALLS,),
    ),
)
