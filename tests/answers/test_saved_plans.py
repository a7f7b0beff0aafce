"""A plan that somebody saved, reviewed and applies; and one that the guard holds."""

from __future__ import annotations

import json

from tests.answers.desk import MANUAL, PARSE, SHIP, Desk


def test_a_saved_plan_does_what_it_shows_and_skips_what_has_become_true(hub: Desk) -> None:
    hub.issue(PARSE).close()
    hub.edit(f"- [ ] {MANUAL}", f"- [x] {MANUAL}")
    saved = hub.syncer("plan", "-o", "plan.json")
    assert saved.code == 0, saved.err
    assert "dry run" in saved.out
    text = (hub.directory / "plan.json").read_text(encoding="utf-8")
    assert "line 6 of TODO.md was ticked" in text
    hub.issue(MANUAL).close()

    applied = hub.syncer("apply", "plan.json")

    assert applied.code == 0, applied.err
    assert f"- [x] {PARSE}\n" in hub.text
    assert (hub.planned(), hub.holds()) == ([], [])
    assert hub.syncer("apply", "plan.json").code == 0


def test_a_saved_plan_is_refused_when_something_moved_and_the_refusal_says_what(lab: Desk) -> None:
    lab.issue(PARSE).close()
    lab.edit(f"- [ ] {SHIP}", "- [ ] Ship the first public version to all the registries")
    lab.syncer("plan", "-o", "plan.json")
    text = lab.text
    lab.issue(PARSE).reopen()
    lab.edit("to all the registries", "to all the registries we know")
    lab.issue(MANUAL).close()
    lab.sandbox.reset_counts()

    refused = lab.syncer("apply", "plan.json")

    assert refused.code == 1
    assert "2 actions that the saved plan does not contain" in refused.err
    assert f'new since:     x TODO.md:6 tick line 6: "{MANUAL}"' in refused.err
    assert "changed since" in refused.err or "not needed" in refused.err
    assert f'not needed:    x TODO.md:5 tick line 5: "{PARSE}"' in refused.err
    assert lab.sandbox.count().changes == 0
    assert lab.text == text.replace("to all the registries", "to all the registries we know")


def test_a_file_that_is_no_plan_is_refused(hub: Desk) -> None:
    (hub.directory / "plan.json").write_text(json.dumps({"plans": []}), encoding="utf-8")

    result = hub.syncer("apply", "plan.json")

    assert result.code == 1
    assert "is no saved plan" in result.err


def test_a_held_plan_is_approved_by_its_actions_and_what_is_new_waits_again(lab: Desk) -> None:
    lab.settings = lab.settings.replace("create_grace", "guard = { creates = 1 }\ncreate_grace")
    lab.write()
    lab.edit(
        f"- [ ] {SHIP}\n", f"- [ ] {SHIP}\n- [ ] Thank all the testers\n- [ ] Celebrate with everybody\n"
    )
    held = lab.syncer("run")
    assert held.code == 4
    assert "2 issues would be created, more than 1" in held.out
    assert "2 issues would be created" in lab.syncer("status").out

    assert lab.syncer("approve", "rune").out == "rune: 2 actions approved; the next run applies them\n"
    lab.edit("- [ ] Thank", "- [ ] Book a room for the party\n- [ ] Order the cake in good time\n- [ ] Thank")
    again = lab.syncer("run")
    assert again.code == 4
    assert "2 issues would be created, more than 1" in again.out
    lab.edit("- [ ] Book a room for the party\n- [ ] Order the cake in good time\n", "")
    assert lab.syncer("run").code == 0

    assert len(lab.repo.issues()) == 5
    lab.edit("- [ ] Thank", "- [ ] Sing a song about it\n- [ ] Dance on the roof of the house\n- [ ] Thank")
    assert lab.syncer("run").code == 4, "an approval is for once"
