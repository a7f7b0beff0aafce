"""Every refusal, conflict and recovery as a person meets it: scenes that are played and written down."""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from syncer.ledger.locks import file_lease
from syncer.sandbox import Fault
from tests.answers.desk import MANUAL, PARSE, SHIP, Desk, desk
from tests.answers.doctor_scenes import DOCTOR_SCENES

QUICKLY = "Parse nested checklists of every roadmap file quickly"
TABLES = "Parse nested checklists and tables of every roadmap file"


class Writer:
    """Writes down what is typed and what is answered; what differs from day to day is replaced."""

    def __init__(self, office: Desk) -> None:
        self.office = office
        self._lines: list[str] = []
        self._names: dict[str, str] = {}

    def say(self, remark: str) -> None:
        """What happens beside the command line."""
        self._lines.append(f"# {remark}")

    def type(self, command: str, *arguments: str) -> str:
        """Call ``syncer``; what it answered, as it is.

        Args:
            command: as it is shown.
            arguments: what is called; the words of the command where there are none.
        """
        result = self.office.syncer(*(arguments or shlex.split(command)))
        shown = f"$ syncer {command}\n{result.out.rstrip()}\n{result.err.rstrip()}".rstrip()
        text = re.sub(r"\n{2,}", "\n", shown)
        self._lines.append(f"{self._calm(text)}\n[exit code {int(result.code)}]")
        return result.out

    def _calm(self, text: str) -> str:
        text = text.replace(self.office.sandbox.url, "https://forge.example")
        text = text.replace(str(self.office.directory), "/home/me")
        for pattern, name in (
            (r"\d{8}T\d{9}-[0-9a-f]{6}", "20260302T090000000-00000{}"),
            (r"\b[0-9a-f]{40}\b", "c0ffee{}"),
            (r"(?<=committed )[0-9a-f]{12}", "c0ffee{}00000"),
            (r"(?<=\()[0-9a-f]{12}(?=\))", "c0ffee{}00000"),
            (r"(?<=\[)[0-9a-z]{16}(?=\])", "k3mqz0c2x5d4f6h{}"),
            (r"(?<=id=)[0-9a-z]{16}", "k3mqz0c2x5d4f6h{}"),
        ):
            for value in dict.fromkeys(re.findall(pattern, text)):
                text = text.replace(value, self._name(value, name))
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "2026-03-02 09:00:00", text)
        text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "2026-03-02 09:00 UTC", text)
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00", "2026-03-02T09:00:00+00:00", text)
        text = re.sub(r"(?m)^  \d\d:\d\d:\d\d ", "  09:00:00 ", text)
        text = re.sub(r"(?<=never arrived: )\w+: .*?(?= \(syncer)", "the connection was reset", text)
        text = re.sub(r"until \d\d:\d\d UTC", "until 09:10 UTC", text)
        text = re.sub(r"\(process \d+\)", "(process 4711)", text)
        return re.sub(r"127\.0\.0\.1(?::\d+)?/\d+", "forge.example/1", text)

    def _name(self, value: str, name: str) -> str:
        """The same stand-in for the same value."""
        if value in self._names.values():
            return value
        return self._names.setdefault(value, name.format(len(self._names) % 10))

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"


Scene = Callable[[Writer], None]


def conflict(write: Writer) -> None:
    office = write.office
    write.say("one person rewords the line, another retitles its issue")
    office.issue(PARSE).retitle(TABLES)
    office.edit(PARSE, QUICKLY)
    write.type("run")
    write.type("status")
    write.type("resolve '#1' --take roadmap")
    write.type("run")
    write.type("why '#1'")


def outdated_decision(write: Writer) -> None:
    office = write.office
    office.issue(PARSE).retitle(TABLES)
    office.edit(PARSE, QUICKLY)
    office.sync()
    write.type("resolve '#1' --take tracker")
    write.say("before the next run somebody retitles the issue again")
    office.issue(TABLES).retitle("Parse all nested checklists of every roadmap file")
    write.type("run")
    write.type("resolve '#1' --take tracker --run")


def ambiguous(write: Writer) -> None:
    office = write.office
    office.edit(f"- [ ] {SHIP}\n", f"- [ ] {SHIP}\n- [ ] Ship the first tools to all testers\n")
    office.sync()
    write.type("why 'TODO.md :: Alpha :: Ship the first'", "why", "TODO.md :: Alpha :: Ship the first")
    write.type("resolve '#99' --take roadmap")


def guard(write: Writer) -> None:
    office = write.office
    office.settings = office.settings.replace("create_grace", "guard = { creates = 1 }\ncreate_grace")
    office.write()
    office.edit(
        f"- [ ] {SHIP}\n", f"- [ ] {SHIP}\n- [ ] Thank all the testers\n- [ ] Celebrate with everybody\n"
    )
    write.type("run")
    write.type("approve rune")
    write.type("run")


def saved_plan(write: Writer) -> None:
    office = write.office
    office.issue(PARSE).close()
    write.type("plan -o plan.json")
    write.say("meanwhile the issue is reopened, and another one is closed")
    office.issue(PARSE).reopen()
    office.issue(MANUAL).close()
    write.type("apply plan.json")


def check(write: Writer) -> None:
    office = write.office
    write.type("check")
    write.say("an issue is closed, a box is ticked, a line is removed")
    office.issue(PARSE).close()
    office.edit(f"- [ ] {MANUAL}", f"- [x] {MANUAL}")
    office.edit(f"- [ ] {SHIP}\n", "")
    write.type("check")


def history(write: Writer) -> None:
    office = write.office
    office.issue(PARSE).close()
    office.sync()
    listed = write.type("history")
    run = listed.split()[0]
    write.type(f"history {write._calm(run)}", "history", run)


def removed_line(write: Writer) -> None:
    office = write.office
    write.say("a line is removed from the roadmap")
    office.edit(f"- [ ] {SHIP}\n", "")
    write.type("run")
    write.type("forget '#3'")
    write.type("run")


def lost_file(write: Writer) -> None:
    office = write.office
    write.say("the roadmap is deleted")
    office.repo.commit({"TODO.md": None, "README.md": b"# Hello\n"}, by="dave")
    write.type("run")
    write.type("forget TODO.md")
    write.type("run")


def unreadable(write: Writer) -> None:
    write.say("the file is saved in a legacy encoding")
    write.office.repo.commit({"TODO.md": "# Plan\n\n- [ ] Café öffnen\n".encode("latin-1")}, by="dave")
    write.type("run")


def gone_issue(write: Writer) -> None:
    write.say("an issue is deleted on the forge")
    write.office.issue(PARSE).delete()
    write.type("run --full")
    write.type("resolve '#1' --take roadmap --run")


def edited_block(write: Writer) -> None:
    office = write.office
    write.say("somebody writes into the managed block of an issue")
    issue = office.issue(PARSE)
    issue.edit_body(issue.body.replace("Roadmap:", "Our roadmap:"))
    write.type("run")
    write.type("resolve '#1' --take roadmap --run")


def lost_ledger(write: Writer) -> None:
    office = write.office
    write.say("rm syncer.db")
    (office.directory / "syncer.db").unlink()
    write.type("run")
    write.say("rm syncer.db once more, and an issue was closed meanwhile")
    (office.directory / "syncer.db").unlink()
    office.issue(PARSE).close()
    write.type("run")
    write.type("resolve '#1' --take tracker --run")


def restored_ledger(write: Writer) -> None:
    office = write.office
    shutil.copy(office.directory / "syncer.db", office.directory / "backup.db")
    office.edit(f"- [ ] {MANUAL}", f"- [x] {MANUAL}")
    office.sync()
    write.say("since the backup, a box was ticked and its issue was closed; now somebody reopens the issue")
    office.issue(MANUAL).reopen()
    write.say("cp backup.db syncer.db")
    shutil.copy(office.directory / "backup.db", office.directory / "syncer.db")
    write.type("run")


def other_owner(write: Writer) -> None:
    office = write.office
    write.say('the configuration names another owner now: owner = "team/1"')
    office.settings = office.settings.replace("create_grace", 'owner = "team/1"\ncreate_grace')
    office.write()
    (office.directory / "syncer.db").unlink()
    out = office.syncer("run", "--dry-run", "--json").json
    owner = out["projects"][0]["plan"]["holds"][0]["remedy"].split("`")[1].split(" ")[-1]
    write.type("run")
    write.type("adopt --from forge.example/1", "adopt", "--from", owner)
    write.type("adopt --from forge.example/1 --approve", "adopt", "--from", owner, "--approve")
    write.type("run")


def markers(write: Writer) -> None:
    office = write.office
    write.say(
        "one marker is copied into another issue; one names another item; one comes from a newer version"
    )
    first, second, third = (office.issue(title) for title in (PARSE, MANUAL, SHIP))
    office.repo.open_issue("A copy of mine", first.body)
    second.edit_body(second.body.replace("id=", "id=0000"))
    third.edit_body(third.body.replace("v=1", "v=7", 1))
    write.type("run")


def adoption(write: Writer) -> None:
    office = write.office
    for title in (PARSE, "Write a manual for new maintainers and for users"):
        office.repo.open_issue(title, "")
    write.type("adopt")
    write.type("adopt --approve")
    write.type("run")


def leaving(write: Writer) -> None:
    write.type("detach rune --remove blocks --labels")
    write.type("detach rune --remove blocks --labels --approve")
    write.type("run")


def refused_token(write: Writer) -> None:
    write.office._token = "wrong"
    write.type("run")


def at_work(write: Writer) -> None:
    with file_lease(write.office.directory / "syncer.db.lock.d", "rune"):
        write.type("run")


def lost_answer(write: Writer) -> None:
    office = write.office
    office.settings = office.settings.replace("create_grace = 0", "create_grace = 600")
    office.write()
    office.edit(f"- [ ] {SHIP}\n", f"- [ ] {SHIP}\n- [ ] Thank all the testers\n")
    write.say("the forge creates the issue, and its answer is lost on the way")
    office.sandbox.faults.add(Fault("lose_answer", method="POST", path=r"/issues$"))
    write.type("run")
    write.type("run")
    assert len(office.repo.issues()) == 4


SCENES: dict[str, Scene] = {
    scene.__name__.replace("_", "-"): scene
    for scene in (
        conflict,
        outdated_decision,
        ambiguous,
        guard,
        saved_plan,
        check,
        history,
        removed_line,
        lost_file,
        unreadable,
        gone_issue,
        edited_block,
        lost_ledger,
        restored_ledger,
        other_owner,
        markers,
        adoption,
        leaving,
        refused_token,
        at_work,
        lost_answer,
        *DOCTOR_SCENES,
    )
}


def play(name: str) -> str:
    """Play a scene.

    Returns:
        What was typed and answered.
    """
    with _stage(name) as office:
        write = Writer(office)
        with patch.dict("os.environ", {"COLUMNS": "100"}):
            SCENES[name](write)
        return str(write)


@contextmanager
def _stage(name: str) -> Iterator[Desk]:
    with tempfile.TemporaryDirectory() as directory, desk("github", Path(directory)) as office:
        if name != "adoption":
            office.sync()
        yield office
