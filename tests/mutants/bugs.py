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
EXAMPLES = "tests/examples/test_examples.py"
INTAKE = "tests/reconcile/test_intake.py"
INTAKE_CUT = "tests/crash/test_intake.py"
INTAKE_REQUEST = "tests/forges/test_intake_by_request.py"
LINKS = "tests/reconcile/test_link_back.py"
GROUPS = "tests/reconcile/test_groups.py"
GROUP_LAW = "tests/reconcile/test_group_law.py"
ATTRIBUTES = "tests/reconcile/test_attributes.py"
OVERVIEWS = "tests/reconcile/test_overviews.py"
MIRRORS = "tests/reconcile/test_mirror_files.py"
WAITING_MIRRORS = "tests/practice/test_waiting_mirrors.py"
MOVES = "tests/reconcile/test_moves.py"
LOOPS = "tests/practice/test_loops.py"


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
        (FOLLOWING,),
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
        "        issue = send(self._book, announced.intent, ",
        "        self._book.close_intent(announced.intent)\n"
        "        issue = send(self._book, announced.intent, ",
        (HISTORIES,),
    ),
    Bug(
        "the base is written before the effect",
        "service/change.py",
        "        answer = send(\n            self._book, intent, lambda: tracker.update_issue(action.number,",
        "        self._book.save(self._book.settled(action.settles))\n        answer = send(\n"
        "            self._book, intent, lambda: tracker.update_issue(action.number,",
        (CALLS, ANSWERS),
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
        "self._book.settled(self._book.shown(settles), rehearsal.words)",
        "self._book.settled(settles, rehearsal.words)",
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
        "        self._book.save(merged(stand, arriving.arrived(), ",
        "        self._book.save(merged(settled, arriving.arrived(), ",
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
    # -- links and people's issues -------------------------------------------------------------------------
    Bug(
        "a link that somebody took away is written again",
        "reconcile/items/linkback.py",
        "    elif item.link is None and base is not None:\n",
        "    elif False:\n",
        (EXAMPLES,),
    ),
    Bug(
        "a link to another issue is believed at once",
        "reconcile/relinked.py",
        "        if own is not None and number is not None and number != own[1]:\n",
        "        if False:\n",
        (EXAMPLES,),
    ),
    Bug(
        "a link that was moved to another line takes its issue along",
        "reconcile/relinked.py",
        "        waiting |= _wait(draft, key, None, own, binding.uid, stands)\n",
        "        pass\n",
        (EXAMPLES,),
    ),
    Bug(
        "a link to come is approved with a number that it does not have yet",
        "model/plan.py",
        "            parts += [SetLink.__name__]\n",
        "            parts += [SetLink.__name__, action.after, subject.uid]\n",
        (LINKS,),
    ),
    Bug(
        "whoever opens an issue writes into the repository",
        "service/newcomers.py",
        "        if tracker.may_triage(issue.author):\n",
        "        if issue.author:\n",
        (EXAMPLES,),
    ),
    Bug(
        "a label counts whoever set it",
        "service/newcomers.py",
        "            if setters and tracker.may_triage(setters[-1]):\n",
        "            if setters:\n",
        (EXAMPLES,),
    ),
    Bug(
        "an equal line gets a second one beside it",
        "reconcile/newcomers.py",
        "    if len(equal) == len(free) == 1:\n",
        "    if False:\n",
        (EXAMPLES,),
    ),
    Bug(
        "a comment is not looked for before it is said",
        "service/telling.py",
        "        if was_told(tracker, self._owner, number):\n",
        "        if False:\n",
        (INTAKE,),
    ),
    Bug(
        "a line of ours is not expected before its commit",
        "service/commit.py",
        "        arriving.expect()\n",
        "",
        (INTAKE_CUT,),
    ),
    Bug(
        "a line that a merged request brought is a stranger",
        "service/cycle.py",
        "        bind_arrived(book, found.source.documents)\n",
        "",
        (INTAKE_REQUEST,),
    ),
    Bug(
        "lines below a new one are remembered where they stood",
        "service/places.py",
        "document.entry(edit.entry_now(key.index) if edit else key.index)",
        "document.entry(key.index)",
        (INTAKE,),
    ),
    # -- what a project can choose -------------------------------------------------------------------------
    Bug(
        "option: a tag can say dropped, removed or in progress",
        "reconcile/items/labels.py",
        "if name.casefold() not in taken}",
        "}",
        (ATTRIBUTES,),
    ),
    Bug(
        "option: an account that was not assigned is tried again and again",
        "service/create.py",
        "            Field.ASSIGNEES: carried(action.assignees, found.assignees),\n",
        "",
        (ATTRIBUTES,),
    ),
    Bug(
        "option: assigning replaces whom people assigned",
        "forges/memory/tracker.py",
        'values["assignees"] = stay | (change',
        'values["assignees"] = (change',
        (ATTRIBUTES,),
    ),
    Bug(
        "option: finished work stays in progress",
        "reconcile/items/started.py",
        "is Status.IN_PROGRESS and not draft.state_of(key).finished",
        "is Status.IN_PROGRESS",
        (ATTRIBUTES,),
    ),
    Bug(
        "option: a status that says more than a state is written over elsewhere",
        "reconcile/stages/overviews.py",
        "    if any(each.cell.qualified for each in found):",
        "    if False:",
        (OVERVIEWS, "tests/examples/test_options.py"),
    ),
    Bug(
        "option: a mirror's line follows whoever changed it",
        "reconcile/mirror_files.py",
        "        return mirror.get(_place(copy)) is copy.state and original.get(_place(line)) is copy.state",
        "        return True",
        (MIRRORS,),
    ),
    Bug(
        "option: a mirror forgets what both agreed on while its edits wait",
        "reconcile/mirror_files.py",
        "            if waiting and uid is not None:",
        "            if False and uid is not None:",
        (WAITING_MIRRORS,),
    ),
    Bug(
        "option: a roadmap that became a mirror counts as emptied",
        "service/observe.py",
        "if (path not in source.documents or path in mirrors) and",
        "if path not in source.documents and",
        (MIRRORS,),
    ),
    Bug(
        "option: a line follows its issue although it was moved itself",
        "reconcile/items/moves.py",
        "    if (str(uid) if uid is not None else None) != base.roadmap:\n        return None\n",
        "",
        (MOVES,),
    ),
    Bug(
        "option: an issue in an iteration is in a strange milestone",
        "reconcile/stages/loops.py",
        "    return canonical_text(found.title).casefold() in names or reference in references",
        "    return False",
        (LOOPS,),
    ),
    Bug(
        "option: an iteration's milestone is bound to a stage after the ledger was lost",
        "reconcile/unexplained.py",
        "if is_iteration(reading.reference) or draft",
        "if draft",
        ("tests/reconcile/test_loops.py",),
    ),
    Bug(
        "groups: an issue that a person put elsewhere is put back",
        "reconcile/groups/parents.py",
        "    if tracker_moved:\n",
        "    if False:\n",
        (GROUPS, GROUP_LAW),
    ),
    Bug(
        "groups: a parent is finished with the first of its children",
        "reconcile/groups/states.py",
        "complete = bool(below) and all(",
        "complete = bool(below) and any(",
        (GROUPS,),
    ),
    Bug(
        "groups: an item that has an issue becomes a line",
        "reconcile/groups/homes.py",
        "                if self._is_bound(item):\n",
        "                if False:\n",
        (GROUPS,),
    ),
    Bug(
        "groups: what was put elsewhere since the plan is put back",
        "service/families.py",
        "        if now != wish.action.before:\n",
        "        if False:\n",
        (GROUPS,),
    ),
    Bug(
        "groups: new children come before those that leave a full parent",
        "reconcile/groups/order.py",
        "if _obstacle(draft, tree, wish) is not None:",
        "if False:",
        (GROUPS,),
    ),
)
