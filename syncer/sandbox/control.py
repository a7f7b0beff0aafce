"""The admin API below ``/_sandbox/``: another process can do what a test does in this one.

All bodies are JSON. ``FORGE`` is ``github`` or ``gitlab``; a repository's path stands in the address as
it is, slashes and all. File contents are text, or ``{"base64": "…"}``.

    ======  ===============================  ======================================================
    GET     /_sandbox/                       what there is: repositories, users, the clock, counts
    POST    /_sandbox/users                  ``{forge, login, name?, role?}``
    POST    /_sandbox/tokens                 ``{forge, login, role?, scopes?, permissions?,
                                             expires_in?, bot?}`` -> ``{token}``
    POST    /_sandbox/revoke                 ``{forge, token}``
    POST    /_sandbox/repositories           ``{forge, path, files?, private?, by?, branch?}``
    GET     /_sandbox/repositories/FORGE/PATH  issues, milestones, labels, branches, files
    GET     /_sandbox/files/FORGE/PATH?path=&ref=  the bytes of one file
    POST    /_sandbox/act                    a person does something, see below
    GET     /_sandbox/requests               the log of requests; ``?since=INDEX`` leaves out older ones
    GET     /_sandbox/counts                 requests by kind; ``?forge=``
    DELETE  /_sandbox/counts                 begin to count anew
    GET     /_sandbox/faults                 what is switched on
    POST    /_sandbox/faults                 a fault by its fields (``do``, ``path``, ``nth`` …) -> ``{id}``
    DELETE  /_sandbox/faults                 switch all off; ``?id=`` one
    GET     /_sandbox/clock                  ``{now}``
    POST    /_sandbox/clock                  ``{advance: seconds}``, ``{freeze: moment or true}``,
                                             ``{resume: true}``
    POST    /_sandbox/limits                 the fields of :class:`~syncer.sandbox.limits.Limits`, or
                                             ``{"real": true}``
    POST    /_sandbox/lag                    ``{forge, new?, lists?, alternate?, search?}``
    POST    /_sandbox/settings               ``{forge, missing_features?, tree_limit?, checks_pending?,
                                             premium?, …}``
    GET     /_sandbox/mentions               ``?forge=``: everybody whom a text notified
    GET     /_sandbox/deliveries             ``?forge=``: every webhook delivery so far
    POST    /_sandbox/settle                 wait until all webhooks are delivered -> ``{settled}``
    ======  ===============================  ======================================================

An act names the forge, the repository, what is acted upon, the method of its handle, and arguments::

    {"forge": "github", "repository": "acme/rune", "issue": 3, "act": "close",
     "with": {"by": "alice", "reason": "not_planned"}}

``issue``, ``pull`` and ``milestone`` choose a thing by number; without them the repository itself acts:
``commit`` (``files``, ``message``, ``by``, ``branch``), ``open_issue``, ``open_pull``,
``create_milestone``, ``create_branch``, ``delete_branch``, ``force_push``, ``label``, ``delete_label``,
and the administrator's ``rename``, ``invite``, ``archive``, ``enable_issues``, ``protect``, ``unprotect``,
``ruleset``. The answer is the thing as it is then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncer.sandbox.app import Look
from syncer.sandbox.control_routes import ControlCall, routes
from syncer.sandbox.exchange import Answer, Circumstances, Incoming, Refusal
from syncer.sandbox.faults import Fault, Seen
from syncer.sandbox.recording import Kind
from syncer.sandbox.routing import Match, Router

if TYPE_CHECKING:
    from syncer.sandbox.sandbox import Sandbox


class ControlDoor:
    """Answers the admin API; nothing of it is counted or recorded."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._router = Router([routes])

    def look(self, incoming: Incoming) -> Look:
        """Find the operation."""
        seen = Seen("sandbox", incoming.method, incoming.target, Kind.READ, (), "", None)
        match = self._router.find(incoming.method, incoming.raw_path)
        return Look(seen, "", "administrator", match, counted=False)

    def answer(self, incoming: Incoming, look: Look, circumstances: Circumstances) -> Answer:
        """Carry an operation out."""
        del circumstances
        match: Match[ControlCall] | None = look.route
        if match is None:
            return Answer(404, {"message": "there is no such operation", "see": "syncer.sandbox.control"})
        try:
            return match.route.handler(ControlCall(self._sandbox, incoming, match.values))
        except Refusal as refused:
            return refused.answer
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return Answer(400, {"message": f"{type(error).__name__}: {error}"})

    def refuse(self, fault: Fault, incoming: Incoming, look: Look) -> Answer:
        """Faults never strike here."""
        del fault
        return self.answer(incoming, look, Circumstances())

    def enter(self, look: Look) -> bool:
        """Nobody is limited here."""
        return look.who == "administrator"

    def leave(self, look: Look) -> None:
        """Nothing to do."""
