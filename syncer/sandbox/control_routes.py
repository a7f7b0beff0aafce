"""The operations of the admin API; :mod:`syncer.sandbox.control` documents them."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from syncer.sandbox import control_shapes as shapes
from syncer.sandbox.administration import Side
from syncer.sandbox.exchange import Answer, Incoming, Refusal
from syncer.sandbox.faults import Fault
from syncer.sandbox.github.times import read, shown
from syncer.sandbox.handles import IssueHandle, MilestoneHandle
from syncer.sandbox.limits import Limits
from syncer.sandbox.repository_handle import RepositoryHandle
from syncer.sandbox.routing import Routes

if TYPE_CHECKING:
    from syncer.sandbox.sandbox import Sandbox

Json = dict[str, Any]

_ISSUE_ACTS = frozenset(
    {
        "approve",
        "assign",
        "close",
        "comment",
        "delete",
        "edit_body",
        "label",
        "lock",
        "make_confidential",
        "merge",
        "reopen",
        "retitle",
        "set_milestone",
        "unlabel",
        "unlock",
    }
)
_MILESTONE_ACTS = frozenset({"close", "delete", "describe", "rename", "reopen", "set_due"})
_REPOSITORY_ACTS = frozenset(
    {
        "commit",
        "create_branch",
        "create_milestone",
        "delete_branch",
        "delete_label",
        "force_push",
        "label",
        "open_issue",
        "open_pull",
    }
)
_ADMINISTRATOR_ACTS = frozenset(
    {"archive", "enable_issues", "invite", "protect", "rename", "ruleset", "unprotect"}
)


class ControlCall:
    """One request to the admin API."""

    def __init__(self, sandbox: Sandbox, incoming: Incoming, values: dict[str, str]) -> None:
        self.sandbox = sandbox
        self.incoming = incoming
        self.values = values

    @property
    def body(self) -> Json:
        found = json.loads(self.incoming.body or b"{}")
        if not isinstance(found, dict):
            raise _wrong("the body must be an object")
        return found

    def side(self, name: str) -> Side:
        """One of the two forges."""
        if name not in ("github", "gitlab"):
            raise _wrong("forge must be github or gitlab")
        return self.sandbox.github if name == "github" else self.sandbox.gitlab


routes: Routes[ControlCall] = Routes()


@routes.get("/_sandbox/")
def overview(call: ControlCall) -> Answer:
    """What there is."""
    sandbox = call.sandbox
    sides = {"github": sandbox.github, "gitlab": sandbox.gitlab}
    answer = {
        "now": shown(sandbox.clock.now()),
        "counts": asdict(sandbox.count()),
        **{
            name: {
                "repositories": [entry.full_name for entry in side.repositories()],
                "users": [user.login for user in side.model.people.users.values()],
            }
            for name, side in sides.items()
        },
    }
    return Answer(200, answer)


@routes.post("/_sandbox/users")
def create_user(call: ControlCall) -> Answer:
    """A user."""
    body = call.body
    user = call.side(body["forge"]).user(body["login"], name=body.get("name", ""), role=body.get("role", ""))
    return Answer(201, {"login": user.login, "id": user.id})


@routes.post("/_sandbox/tokens")
def create_token(call: ControlCall) -> Answer:
    """A credential."""
    body = dict(call.body)
    side, login = call.side(body.pop("forge")), body.pop("login")
    return Answer(201, {"token": side.token(login, **body)})


@routes.post("/_sandbox/revoke")
def revoke(call: ControlCall) -> Answer:
    """Let a credential stop working."""
    call.side(call.body["forge"]).revoke(call.body["token"])
    return Answer(204)


@routes.post("/_sandbox/repositories")
def create_repository(call: ControlCall) -> Answer:
    """A repository with files."""
    body = dict(call.body)
    side, path, files = call.side(body.pop("forge")), body.pop("path"), _files(body.pop("files", {}))
    return Answer(201, shapes.repository(side.repository(path, files=files, **body)))


@routes.get("/_sandbox/repositories/{forge}/{path:path}")
def show_repository(call: ControlCall) -> Answer:
    """A repository with what is in it."""
    return Answer(200, shapes.repository(call.side(call.values["forge"]).find(call.values["path"])))


@routes.get("/_sandbox/files/{forge}/{path:path}")
def show_file(call: ControlCall) -> Answer:
    """The bytes of a file."""
    repository = call.side(call.values["forge"]).find(call.values["path"])
    query = call.incoming.query
    data = repository.file(query["path"], query.get("ref", ""))
    return Answer(200, data, content_type="application/octet-stream")


@routes.post("/_sandbox/act")
def act(call: ControlCall) -> Answer:
    """A person, or the administrator, does something."""
    body = call.body
    side = call.side(body["forge"])
    repository = side.find(body["repository"])
    name, arguments = body["act"], dict(body.get("with", {}))
    if "files" in arguments:
        arguments["files"] = _files(arguments["files"])
    if "due" in arguments and arguments["due"] is not None:
        arguments["due"] = date.fromisoformat(arguments["due"])
    if "milestone" in body:
        milestone = repository.milestone(body["milestone"])
        _allowed(name, _MILESTONE_ACTS)
        getattr(milestone, name)(**arguments)
        return Answer(200, shapes.milestone(milestone))
    if "issue" in body or "pull" in body:
        issue = repository.issue(body["issue"]) if "issue" in body else repository.pull(body["pull"])
        if name == "transfer":
            target = side.find(arguments.pop("target"))
            return Answer(200, shapes.issue(issue.transfer(target, **arguments)))
        _allowed(name, _ISSUE_ACTS)
        names = arguments.pop("names", arguments.pop("logins", []))
        getattr(issue, name)(*names, **arguments)
        return Answer(200, shapes.issue(issue))
    if name in _ADMINISTRATOR_ACTS:
        rules = arguments.pop("rules", [])
        getattr(side, name)(repository, *rules, **arguments)
        return Answer(200, shapes.repository(repository))
    _allowed(name, _REPOSITORY_ACTS)
    return Answer(200, _result(getattr(repository, name)(**arguments), repository))


@routes.get("/_sandbox/requests")
def list_requests(call: ControlCall) -> Answer:
    """The log of requests."""
    since = int(call.incoming.query.get("since", "0"))
    found = [
        {
            "index": entry.index,
            "at": entry.at.isoformat(),
            "forge": entry.forge,
            "method": entry.method,
            "target": entry.target,
            "template": entry.template,
            "kind": entry.kind.value,
            "status": entry.status,
            "operations": list(entry.operations),
            "login": entry.login,
            "pid": entry.pid,
            "created": entry.created,
            "faults": list(entry.faults),
        }
        for entry in call.sandbox.requests
        if entry.index > since
    ]
    return Answer(200, found)


@routes.get("/_sandbox/counts")
def show_counts(call: ControlCall) -> Answer:
    """Requests by kind."""
    counts = call.sandbox.count(call.incoming.query.get("forge", ""))
    return Answer(200, {**asdict(counts), "total": counts.total, "changes": counts.changes})


@routes.delete("/_sandbox/counts")
def reset_counts(call: ControlCall) -> Answer:
    """Begin to count anew."""
    call.sandbox.reset_counts()
    return Answer(204)


@routes.get("/_sandbox/faults")
def list_faults(call: ControlCall) -> Answer:
    """What is switched on."""
    return Answer(200, call.sandbox.faults.listing())


@routes.post("/_sandbox/faults")
def add_fault(call: ControlCall) -> Answer:
    """Switch a fault on."""
    return Answer(201, {"id": call.sandbox.faults.add(Fault(**call.body))})


@routes.delete("/_sandbox/faults")
def remove_faults(call: ControlCall) -> Answer:
    """Switch one fault off, or all."""
    key = call.incoming.query.get("id")
    if key is None:
        call.sandbox.faults.clear()
    else:
        call.sandbox.faults.remove(int(key))
    return Answer(204)


@routes.get("/_sandbox/clock")
def show_clock(call: ControlCall) -> Answer:
    """The server's time."""
    return Answer(200, {"now": call.sandbox.clock.now().isoformat()})


@routes.post("/_sandbox/clock")
def set_clock(call: ControlCall) -> Answer:
    """Move the server's time."""
    body, clock = call.body, call.sandbox.clock
    if "freeze" in body:
        clock.freeze(None if body["freeze"] is True else read(body["freeze"]))
    if body.get("resume"):
        clock.resume()
    if "advance" in body:
        clock.advance(float(body["advance"]))
    return Answer(200, {"now": clock.now().isoformat()})


@routes.post("/_sandbox/limits")
def set_limits(call: ControlCall) -> Answer:
    """Enforce other limits."""
    body = dict(call.body)
    limits = Limits.real() if body.pop("real", False) else Limits(**body)
    call.sandbox.set_limits(limits)
    return Answer(200, asdict(limits))


@routes.post("/_sandbox/lag")
def set_lag(call: ControlCall) -> Answer:
    """Let replicas lag."""
    body = dict(call.body)
    lag = call.side(body.pop("forge")).lag
    _assign(lag, body)
    return Answer(200, {"new": lag.new, "lists": lag.lists, "alternate": lag.alternate, "search": lag.search})


@routes.post("/_sandbox/settings")
def change_settings(call: ControlCall) -> Answer:
    """Change a host's settings."""
    body = dict(call.body)
    settings = call.side(body.pop("forge")).settings
    if "missing_features" in body:
        body["missing_features"] = set(body["missing_features"])
    _assign(settings, body)
    return Answer(200, {**asdict(settings), "missing_features": sorted(settings.missing_features)})


@routes.get("/_sandbox/mentions")
def list_mentions(call: ControlCall) -> Answer:
    """Everybody whom a text notified."""
    side = call.side(call.incoming.query.get("forge", "github"))
    return Answer(200, [{"login": entry.login, "place": entry.place} for entry in side.mentions])


@routes.get("/_sandbox/deliveries")
def list_deliveries(call: ControlCall) -> Answer:
    """Every webhook delivery so far."""
    side = call.side(call.incoming.query.get("forge", "github"))
    found = [
        {
            "id": entry.id,
            "repository": repository.full_name,
            "event": entry.parcel.event,
            "action": entry.parcel.action,
            "guid": entry.parcel.guid,
            "status": entry.status,
            "error": entry.error,
        }
        for repository in side.repositories()
        for hook in repository.model.hooks.values()
        for entry in hook.deliveries
    ]
    return Answer(200, found)


@routes.post("/_sandbox/settle")
def settle(call: ControlCall) -> Answer:
    """Wait until all webhooks are delivered."""
    return Answer(200, {"settled": call.sandbox.settle()})


def _wrong(message: str) -> Refusal:
    return Refusal(Answer(400, {"message": message}))


def _allowed(name: str, acts: frozenset[str]) -> None:
    if name not in acts:
        raise _wrong(f"act must be one of {', '.join(sorted(acts))}")


def _assign(target: object, values: Json) -> None:
    known = {field.name for field in fields(target) if not field.name.startswith("_")}  # type: ignore[arg-type]
    for name, value in values.items():
        if name not in known:
            raise _wrong(f"there is no {name}; there are {', '.join(sorted(known))}")
        setattr(target, name, value)


def _files(given: Json) -> dict[str, bytes | None]:
    return {path: _content(value) for path, value in given.items()}


def _content(value: Any) -> bytes | None:
    if value is None:
        return None
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else str(value).encode()


def _result(value: object, repository: RepositoryHandle) -> Any:
    if isinstance(value, IssueHandle):
        return shapes.issue(value)
    if isinstance(value, MilestoneHandle):
        return shapes.milestone(value)
    return {"sha": value} if isinstance(value, str) else shapes.repository(repository)
