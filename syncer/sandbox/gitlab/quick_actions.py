"""Quick actions: lines that begin with a slash in a description or a note, carried out and taken out.

They work through the API just as on the page. Fenced code, blocks of HTML tags and ``>>>`` quotes are
left alone; a line inside an HTML comment is not. An unknown command stays in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from syncer.sandbox.gitlab import times
from syncer.sandbox.issues import Issue, Label
from syncer.sandbox.people import Role, User

_COMMAND = re.compile(r"^/([a-z_]+)(?:[ \t]+(.*?))?[ \t]*$")
_LABEL = re.compile(r'~"([^"]+)"|~(\S+)|"([^"]+)"|(\S+)')
_IGNORED = frozenset(
    {
        "award",
        "clear_weight",
        "done",
        "estimate",
        "react",
        "remove_estimate",
        "remove_time_spent",
        "spend",
        "subscribe",
        "todo",
        "unsubscribe",
    }
)


@dataclass
class Extracted:
    """A text without its commands, and the commands."""

    text: str
    commands: list[tuple[str, str]] = field(default_factory=list)


def extract(text: str) -> Extracted:
    """Take the known commands out of a text."""
    kept: list[str] = []
    found: list[tuple[str, str]] = []
    closing: Callable[[str], bool] | None = None
    for line in text.split("\n"):
        stripped = line.rstrip("\r")
        if closing is not None:
            kept.append(line)
            if closing(stripped):
                closing = None
            continue
        closing = _opens(stripped)
        match = _COMMAND.match(stripped) if closing is None else None
        if match is not None and (match[1] in _ACTIONS or match[1] in _IGNORED):
            found.append((match[1], match[2] or ""))
        else:
            kept.append(line)
    return Extracted("\n".join(kept) if not found else "\n".join(kept).strip("\n"), found)


def perform(issue: Issue, actor: User, role: Role, commands: list[tuple[str, str]]) -> list[str]:
    """Carry commands out as far as the actor may; the answer says what was done."""
    done: list[str] = []
    for name, argument in commands:
        action = _ACTIONS.get(name)
        own = issue.author is actor and name in ("close", "reopen", "title")
        if action is not None and (role >= Role.TRIAGE or own):
            action(issue, actor, argument)
            done.append(name)
    return done


def _opens(line: str) -> Callable[[str], bool] | None:
    fence = re.match(r"^(`{3,}|~{3,})", line)
    if fence is not None:
        mark = fence[1]
        return lambda later: later.startswith(mark)
    if line.startswith(">>>"):
        return lambda later: later.startswith(">>>")
    tag = re.match(r"^<([a-z][a-z0-9]*)[^>]*>\s*$", line)
    if tag is not None:
        name = tag[1]
        return lambda later: later.startswith(f"</{name}>")
    return None


def _labels(issue: Issue, argument: str) -> list[Label]:
    names = [next(group for group in found.groups() if group) for found in _LABEL.finditer(argument)]
    labels = [issue.repository.find_label(name) for name in names]
    return [label for label in labels if label is not None]


def _close(issue: Issue, actor: User, argument: str) -> None:
    del argument
    issue.close(actor, None)


def _reopen(issue: Issue, actor: User, argument: str) -> None:
    del argument
    issue.reopen(actor)


def _title(issue: Issue, actor: User, argument: str) -> None:
    if argument:
        issue.retitle(actor, argument[:255])


def _label(issue: Issue, actor: User, argument: str) -> None:
    issue.set_labels(actor, [*issue.labels, *_labels(issue, argument)])


def _unlabel(issue: Issue, actor: User, argument: str) -> None:
    gone = _labels(issue, argument) if argument else list(issue.labels)
    issue.set_labels(actor, [label for label in issue.labels if label not in gone])


def _relabel(issue: Issue, actor: User, argument: str) -> None:
    issue.set_labels(actor, _labels(issue, argument))


def _milestone(issue: Issue, actor: User, argument: str) -> None:
    title = argument.lstrip("%").strip('"')
    found = next((entry for entry in issue.repository.visible_milestones() if entry.title == title), None)
    if found is not None:
        issue.set_milestone(actor, found)


def _remove_milestone(issue: Issue, actor: User, argument: str) -> None:
    del argument
    issue.set_milestone(actor, None)


def _assign(issue: Issue, actor: User, argument: str) -> None:
    people = issue.repository.forge.people
    users = [people.find(word.lstrip("@")) if word != "me" else actor for word in argument.split()]
    issue.set_assignees(actor, [*issue.assignees, *(user for user in users if user is not None)])


def _unassign(issue: Issue, actor: User, argument: str) -> None:
    logins = {word.lstrip("@").lower() for word in argument.split()}
    issue.set_assignees(
        actor, [user for user in issue.assignees if logins and user.login.lower() not in logins]
    )


def _confidential(issue: Issue, actor: User, argument: str) -> None:
    del argument
    issue.set_confidential(actor, True)


def _due(issue: Issue, actor: User, argument: str) -> None:
    del actor
    try:
        issue.due = times.read_date(argument)
    except ValueError:
        return
    issue.touch()


def _remove_due(issue: Issue, actor: User, argument: str) -> None:
    del actor, argument
    issue.due = None
    issue.touch()


def _lock(issue: Issue, actor: User, argument: str) -> None:
    del argument
    issue.lock(actor)


def _unlock(issue: Issue, actor: User, argument: str) -> None:
    del argument
    issue.unlock(actor)


def _duplicate(issue: Issue, actor: User, argument: str) -> None:
    number = argument.lstrip("#")
    found = issue.repository.issues.get(int(number)) if number.isdecimal() else None
    if found is not None and found is not issue:
        issue.close(actor, None, duplicate_of=found)


_ACTIONS: dict[str, Callable[[Issue, User, str], None]] = {
    "assign": _assign,
    "close": _close,
    "confidential": _confidential,
    "due": _due,
    "duplicate": _duplicate,
    "label": _label,
    "labels": _label,
    "lock": _lock,
    "milestone": _milestone,
    "relabel": _relabel,
    "remove_due_date": _remove_due,
    "remove_label": _unlabel,
    "remove_milestone": _remove_milestone,
    "reopen": _reopen,
    "title": _title,
    "unassign": _unassign,
    "unlabel": _unlabel,
    "unlock": _unlock,
}
