"""The git command, alone: no configuration, hook, helper or prompt of anybody's takes part.

Secrets go through the environment, never through arguments, which everybody on a machine can read. What
git says is turned into syncer's errors here; a push of which nobody knows whether it arrived is of
unknown fate.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from syncer.errors import ConfigError, Missing, SyncerError, Unauthorized, Unavailable
from syncer.forges.connection import Secret
from syncer.forges.observer import Exchange, Observer
from syncer.ports import Clock

_SETTINGS: Final = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.untrackedCache": "false",
    "credential.helper": "",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "transfer.fsckObjects": "true",
    # "ext::" and the like run commands; what is left are the transports that people mean.
    "protocol.allow": "never",
    "protocol.https.allow": "always",
    "protocol.http.allow": "always",
    "protocol.ssh.allow": "always",
    "protocol.file.allow": "always",
    "http.followRedirects": "false",
}

_REFUSES: Final = (
    r"authentication failed|could not read (username|password)|permission denied|permission to \S+ denied"
    r"|(HTTP|returned error:) 40[13]"
)
_SIGNS: Final[tuple[tuple[str, str], ...]] = (
    (_REFUSES, "access"),
    (r"not found|does not (appear to be a git repository|exist)|(HTTP|returned error:) 404", "missing"),
    (r"certificate|host key verification failed", "trust"),
)


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository that git speaks to.

    Args:
        url: as git takes it.
        user: for HTTPS.
        secret: that user's password or token.
        ca_bundle: path of a file with certificates to trust instead of the usual ones.
        name: as configured, for messages.
    """

    url: str
    user: str = ""
    secret: Secret = field(default_factory=Secret)
    ca_bundle: str = ""
    name: str = "source"


@dataclass(frozen=True, slots=True)
class Said:
    """What a git command came to."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8", "surrogateescape")


class Git:
    """Runs git in one repository. Safe to share between threads.

    Args:
        directory: the repository, or where it will be.
        remote: whose secret is sent along to its own address only.
        timeout: seconds until a command is ended.
        observer: told about everything that goes over the network.
        token: gives the secret anew for every command, where it changes.
    """

    def __init__(
        self,
        directory: Path,
        remote: Remote,
        clock: Clock,
        *,
        timeout: float = 120.0,
        observer: Observer | None = None,
        token: Callable[[], Secret] | None = None,
    ) -> None:
        self.directory = directory
        self.remote = remote
        self._clock = clock
        self._timeout = timeout
        self._observer = observer
        self._token = token
        self._secret = remote.secret

    def local(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Said:
        """A command that stays on this machine."""
        return self._run(arguments, stdin, env or {})

    def over_network(self, *arguments: str, write: bool = False) -> Said:
        """A command that speaks to the remote. After a stop signal none begins."""
        self._clock.sleep(0)
        if self._token is not None:
            self._secret = self._token()
        started = time.monotonic()
        said = self._run(arguments, b"", self._credential())
        if self._observer is not None:
            self._observer.exchanged(
                Exchange(
                    forge=self.remote.name,
                    method=arguments[0],
                    path=arguments[0],
                    write=write,
                    status=200 if said.code == 0 else 0,
                    conditional=False,
                    seconds=time.monotonic() - started,
                    sent=0,
                    received=len(said.out),
                    error="" if said.code == 0 else f"exit {said.code}",
                )
            )
        return said

    def refusal(self, said: Said) -> SyncerError:
        """The error for a command over the network that failed, and certainly changed nothing."""
        words = self.scrubbed(said.err)
        where = f"{self.remote.name}: {self.shown}"
        kind = next((kind for sign, kind in _SIGNS if re.search(sign, words, re.IGNORECASE)), "")
        if kind == "access":
            return Unauthorized(
                f"git is not let in: {words}", where=where, next_step="check its key or token, and its rights"
            )
        if kind == "missing":
            return Missing(
                f"there is no such repository, or we may not see it: {words}",
                where=where,
                next_step="check the address",
            )
        if kind == "trust":
            return ConfigError(
                f"the server is not trusted: {words}",
                where=where,
                next_step="name its certificate with ca_bundle, or its key in known_hosts",
            )
        return Unavailable(f"git failed: {words}", where=where, next_step="try again later")

    @property
    def shown(self) -> str:
        """The remote's address without a password."""
        parts = urlsplit(self.remote.url)
        if parts.password is None:
            return self.remote.url
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    def scrubbed(self, text: str) -> str:
        """What git said, in one line and without secrets."""
        words = " ".join(text.replace(self.remote.url, self.shown).split())
        secret = self._secret.reveal()
        return (words.replace(secret, "…") if secret else words)[:400] or "it said nothing"

    def _credential(self) -> dict[str, str]:
        """The settings that carry the secret, to the remote's own origin and nowhere else."""
        settings: dict[str, str] = {}
        parts = urlsplit(self.remote.url)
        if self._secret and parts.scheme in ("http", "https"):
            pair = f"{self.remote.user}:{self._secret.reveal()}".encode()
            origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
            header = f"Authorization: Basic {base64.b64encode(pair).decode()}"
            settings[f"http.{origin}.extraHeader"] = header
        if self.remote.ca_bundle:
            settings["http.sslCAInfo"] = self.remote.ca_bundle
        return _as_environment(settings, start=len(_SETTINGS))

    def _run(self, arguments: Sequence[str], stdin: bytes, extra: Mapping[str, str]) -> Said:
        known = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment = {
            **known,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "true",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes"),
            "LC_ALL": "C",
            **_as_environment(_SETTINGS),
            **extra,
        }
        try:
            done = subprocess.run(  # noqa: S603  (no shell; arguments of our own)
                ["git", *arguments],  # noqa: S607  (whichever git is installed)
                cwd=self.directory,
                env=environment,
                input=stdin,
                capture_output=True,
                timeout=self._timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Said(-1, b"", f"no end after {self._timeout:g} s: connection timed out")
        except OSError as error:
            raise ConfigError(
                f"git cannot be run: {error.strerror}", where=self.remote.name, next_step="install git"
            ) from None
        return Said(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def _as_environment(settings: Mapping[str, str], *, start: int = 0) -> dict[str, str]:
    """Settings as git takes them from the environment."""
    pairs: dict[str, str] = {}
    for number, (key, value) in enumerate(settings.items(), start):
        pairs[f"GIT_CONFIG_KEY_{number}"] = key
        pairs[f"GIT_CONFIG_VALUE_{number}"] = value
    return {**pairs, "GIT_CONFIG_COUNT": str(start + len(settings))}
