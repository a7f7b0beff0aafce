"""The embedded forge as a whole: two forges, one clock, one server, one log of requests."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

from syncer.sandbox.administration import Side
from syncer.sandbox.app import Application, Door
from syncer.sandbox.clock import ServerClock
from syncer.sandbox.control import ControlDoor
from syncer.sandbox.effects import Effects
from syncer.sandbox.exchange import Incoming
from syncer.sandbox.faults import Faults
from syncer.sandbox.forge import Forge
from syncer.sandbox.github.courier import GitHubHooks
from syncer.sandbox.github.door import GitHubDoor
from syncer.sandbox.gitlab.courier import GitLabHooks
from syncer.sandbox.gitlab.door import GitLabDoor
from syncer.sandbox.hooks import Courier
from syncer.sandbox.limits import Limits, Meter
from syncer.sandbox.recording import Counts, Recorder, Request
from syncer.sandbox.server import Server


class Sandbox:
    """A GitHub and a GitLab on one loopback port, empty at first.

    Used as a context manager it serves until the block ends, and then raises if the sandbox itself
    failed at a request (which would be a bug of the sandbox, not of its client).

    Args:
        port: 0 picks a free one.
        open_door: whether unknown tokens are welcome: each one becomes a user with all rights.
        limits: rate limits; none are enforced by default.
        record_to: a file that gets every exchange as a line of JSON.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        open_door: bool = False,
        limits: Limits | None = None,
        record_to: Path | None = None,
    ) -> None:
        self.clock = ServerClock()
        self.faults = Faults()
        self._lock = threading.RLock()
        self._recorder = Recorder(record_to)
        self._server = Server(host, port)
        self._meters = {kind: Meter(limits or Limits()) for kind in ("github", "gitlab")}
        hub, lab = Forge("github", self.clock, self._lock), Forge("gitlab", self.clock, self._lock)
        self.github, self.gitlab = Side(hub), Side(lab)
        self._couriers = [Courier(self.clock, forge.ids) for forge in (hub, lab)]
        hub_hooks = GitHubHooks(hub, self._couriers[0], self.url)
        lab_hooks = GitLabHooks(lab, self._couriers[1], self.url)
        hub.listeners += [Effects(hub), hub_hooks]
        lab.listeners += [Effects(lab), lab_hooks]
        self._hub_door = GitHubDoor(hub, self._meters["github"], hub_hooks, open_door=open_door)
        self._lab_door = GitLabDoor(lab, self._meters["gitlab"], lab_hooks, open_door=open_door)
        self._control = ControlDoor(self)
        self._application = Application(
            self._choose, self.clock, self.faults, self._recorder, self._server.connections
        )

    @property
    def url(self) -> str:
        """Where it listens: GitHub's API root, GitLab's address, and the base of all links."""
        return self._server.url

    @property
    def port(self) -> int:
        return self._server.port

    def start(self) -> None:
        """Begin to serve."""
        self._server.start(self._application)

    def close(self) -> None:
        """Stop serving and let go of everything."""
        self._server.stop()
        for courier in self._couriers:
            courier.stop()
        self._recorder.close()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is None and self._application.crashes:
            raise RuntimeError("the sandbox failed at a request:\n" + "\n".join(self._application.crashes))

    @property
    def requests(self) -> list[Request]:
        """Every request since the last reset, in the order of arrival."""
        return self._recorder.requests()

    def count(self, forge: str = "") -> Counts:
        """Requests by kind since the last reset, of both forges or of one."""
        return self._recorder.counts(forge)

    def reset_counts(self) -> None:
        """Begin to count anew."""
        self._recorder.reset()

    def set_limits(self, limits: Limits) -> None:
        """Enforce other limits from now on."""
        for meter in self._meters.values():
            meter.limits = limits

    def settle(self, timeout: float = 10.0) -> bool:
        """Wait until every webhook that is due was attempted; False if that takes too long."""
        return all(courier.settle(timeout) for courier in self._couriers)

    def _choose(self, incoming: Incoming) -> Door:
        path = incoming.raw_path
        if path.startswith("/_sandbox"):
            return self._control
        if path.startswith("/api/v4"):
            return self._lab_door
        if path == "/api/graphql" and self._lab_door.recognises(incoming):
            return self._lab_door
        return self._hub_door
