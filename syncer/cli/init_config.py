"""The configuration that ``syncer init`` writes: few keys, each with where it is from."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from syncer.cli.init_checkout import Checkout, Found, Place
from syncer.clock import SystemClock
from syncer.errors import AccessError, ConfigError, Missing, SyncerError
from syncer.forges import Connection, Secret, connect

TOKEN = "SYNCER_FORGES__MAIN__TOKEN"  # noqa: S105  (the name of a variable)

_KNOWN = {"github.com": "github", "gitlab.com": "gitlab"}
_VARIABLES = {
    "github": (TOKEN, "GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab": (TOKEN, "GITLAB_TOKEN", "GITLAB_PRIVATE_TOKEN"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What was found out.

    Args:
        url: the API's root; "" for the public forge.
        token: the variable that holds one; its value is never looked at here.
        name: of the project.
    """

    checkout: Checkout
    kind: Found
    url: str
    token: Found
    name: str


def choose(checkout: Checkout, kind: str, clock: SystemClock) -> Choice:
    """Find out what the checkout does not say.

    Args:
        checkout: what it says.
        kind: the forge's, if it was named; else it is found out, by asking the host if need be.
        clock: for waits.

    Raises:
        ConfigError: the host answers like no forge.
    """
    found = _kind(checkout, kind, clock)
    token = next((name for name in _VARIABLES[found.value] if os.environ.get(name)), "")
    name = "".join(c if c.isalnum() or c in "_.-" else "-" for c in checkout.place.path.rpartition("/")[2])
    return Choice(
        checkout=checkout,
        kind=found,
        url=api_of(found.value, checkout.place),
        token=Found(token, f"the environment: {token}" if token else f"nowhere: put one into {TOKEN}"),
        name=name.lower().lstrip("-._") or "roadmap",
    )


def api_of(kind: str, place: Place) -> str:
    """The root of the API beside a web site; "" for the public one."""
    if place.host in _KNOWN:
        return ""
    return f"{place.origin}/api/v3" if kind == "github" else place.origin


def render(choice: Choice) -> str:
    """The configuration as commented TOML."""
    checkout, branch = choice.checkout, choice.checkout.branch
    url = f"url = {_text(choice.url)}\n" if choice.url else ""
    taken = [f"    {_text(c.path)},  # {c.why}" for c in checkout.candidates if c.taken]
    others = [f"    # {_text(c.path)},  # {c.why}" for c in checkout.candidates if not c.taken]
    roadmaps = "\n".join([*(taken or ['    "TODO.md",  # no roadmap was found: correct this']), *others])
    return f"""\
# syncer's configuration for {checkout.place.path}, written by `syncer init`.
# `syncer config schema` lists every key, `syncer doctor` looks for what is wrong with these.

[state]
# What both sides showed when they last agreed. Losing it loses no work. Keep it out of git.
url = "sqlite:///syncer.db"

[forges.main]
# {choice.kind.source}
kind = {_text(choice.kind.value)}
{url}# A token is a secret and stands in no file of a repository: put it into {TOKEN},
# or name a file with token_file. A GitHub App has a table of its own, [forges.main.app].

[projects.{_key(choice.name)}]
forge = "main"
# git remote {checkout.remote.value}: {checkout.remote.source}
repository = {_text(checkout.place.path)}
# {branch.source}
{"" if branch.value else "# "}branch = {_text(branch.value or "main")}
roadmaps = [
{roadmaps}
]
"""


def _key(name: str) -> str:
    """A table's name; one with a dot has to be quoted."""
    return _text(name) if "." in name else name


def _kind(checkout: Checkout, wanted: str, clock: SystemClock) -> Found:
    place = checkout.place
    if wanted:
        return Found(wanted, "--kind")
    if place.host in _KNOWN:
        return Found(_KNOWN[place.host], f"the host {place.host}")
    for kind in ("gitlab", "github"):
        if kind in place.host:
            return Found(kind, f"the host's name, {place.host}")
    if checkout.evidence is not None:
        return Found(checkout.evidence.value, f"the checkout has {checkout.evidence.source}")
    for kind in ("gitlab", "github"):
        if _answers(kind, place, clock):
            return Found(kind, f"{urlsplit(place.origin).netloc} answers like one")
    raise ConfigError(
        f"{place.origin} answers neither like a GitHub nor like a GitLab",
        where=f"git remote {checkout.remote.value}",
        next_step="name it with --kind, or check that it can be reached",
    )


def _answers(kind: str, place: Place, clock: SystemClock) -> bool:
    """Whether a host speaks a forge's language. It is asked without a credential."""
    connection = Connection("main", kind, url=api_of(kind, place), token=Secret(), read_only=True)
    forge = connect(connection, clock)
    try:
        forge.documents(place.path).profile()
    except (Missing, AccessError) as error:
        # A forge says in JSON that there is no such thing, other servers in HTML or not at all.
        return not (isinstance(error, Missing) and "<" in error.details)
    except SyncerError:
        return False
    finally:
        forge.close()
    return True


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
