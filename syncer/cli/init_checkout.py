"""What a git checkout tells about itself: where it comes from, its branch, and which files are roadmaps.

Only git's own commands are asked, and nothing that a checkout could have configured is run by them.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from syncer.errors import ConfigError, RoadmapError
from syncer.model.document import Document
from syncer.model.fields import TaskState
from syncer.roadmap.parse import parse

_SAFELY = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
_SCP = re.compile(r"^(?:[^@/:]+@)?(?P<host>\[[^\]]+\]|[^:/]+):(?P<path>[^/].*)$")
_ROADMAP = re.compile(r"(todo|roadmap|plan|tasks?|milestones?|backlog)", re.IGNORECASE)
_NEVER = re.compile(
    r"(^|/)(node_modules|vendor|third_party|\.github|\.gitlab)/"
    r"|(^|/)(contributing|changelog|changes|news|history|license|code_of_conduct|security)[^/]*\.(md|markdown)$",
    re.IGNORECASE,
)
_LARGEST = 5 * 1024 * 1024
_ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and where it is from.

    Args:
        source: for people: ``git remote origin``, ``the file .gitlab-ci.yml``.
    """

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a remote's repository is.

    Args:
        origin: scheme and host of the web site; for SSH remotes https is taken.
        path: ``owner/name``.
    """

    origin: str
    path: str

    @property
    def host(self) -> str:
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Markdown file that may be a roadmap.

    Args:
        why: it is taken, or not.
    """

    path: str
    taken: bool
    why: str


@dataclass(frozen=True, slots=True)
class Checkout:
    """A git checkout.

    Args:
        branch: that the remote takes for its default; "" where that is not known here.
        evidence: files that only one kind of forge reads, with that kind.
    """

    root: Path
    remote: Found
    place: Place
    branch: Found
    evidence: Found | None
    candidates: tuple[Candidate, ...]

    @property
    def roadmaps(self) -> list[str]:
        return [each.path for each in self.candidates if each.taken]


def look_at(directory: Path, remote: str = "") -> Checkout:
    """Find out what a checkout says.

    Args:
        directory: anywhere inside it.
        remote: its name, where it cannot be told which one is meant.

    Raises:
        ConfigError: it is no checkout, or has no remote that leads to a forge.
    """
    top = _git(directory, "rev-parse", "--show-toplevel")
    if top is None:
        raise ConfigError(
            "is no git checkout", where=str(directory), next_step="call it inside one, or write syncer.toml"
        )
    root = Path(top)
    name = _remote(root, remote)
    url = _git(root, "remote", "get-url", name.value) or ""
    place = place_of(url)
    if place is None:
        raise ConfigError(
            "leads to no forge",
            where=f"git remote {name.value}",
            next_step="name another one with --remote, or write syncer.toml by hand",
        )
    return Checkout(
        root=root,
        remote=name,
        place=place,
        branch=_branch(root, name.value),
        evidence=_evidence(root),
        candidates=tuple(_candidates(root)),
    )


def place_of(url: str) -> Place | None:
    """Where a remote's address leads; ``None`` for a file, or for nothing that has an owner and a name."""
    if "://" in url:
        parts = urlsplit(url)
        host, path = parts.hostname or "", unquote(parts.path)
        if parts.scheme in ("http", "https"):
            port = f":{parts.port}" if parts.port else ""
            origin = f"{parts.scheme}://{host}{port}"
        elif parts.scheme in ("ssh", "git", "git+ssh"):
            origin = f"https://{host}"
        else:
            return None
    else:
        short = _SCP.match(url)
        if short is None:
            return None
        host, path, origin = short["host"], short["path"], f"https://{short['host']}"
    # GitHub offers SSH on port 443 under another name (docs.github.com, "Using SSH over the HTTPS port").
    origin = "https://github.com" if host == "ssh.github.com" else origin
    path = path.strip("/").removesuffix(".git")
    return Place(origin, path) if host and "/" in path else None


def _remote(root: Path, wanted: str) -> Found:
    names = (_git(root, "remote") or "").split()
    if wanted:
        if wanted not in names:
            raise ConfigError(
                f"there is no remote {wanted!r}",
                where=str(root),
                next_step=f"there are: {', '.join(names) or 'none'}",
            )
        return Found(wanted, "--remote")
    branch = _git(root, "symbolic-ref", "--short", "HEAD")
    tracked = _git(root, "config", f"branch.{branch}.remote") if branch else None
    if tracked in names:
        return Found(tracked, f"the remote that the branch {branch} follows")
    if "origin" in names:
        return Found("origin", "git's usual name")
    if len(names) == 1:
        return Found(names[0], "the only remote")
    raise ConfigError(
        f"the checkout has {'several remotes' if names else 'no remote'}",
        where=str(root),
        next_step=f"name one with --remote: {', '.join(names)}"
        if names
        else "add one: git remote add origin",
    )


def _branch(root: Path, remote: str) -> Found:
    head = _git(root, "symbolic-ref", "--short", f"refs/remotes/{remote}/HEAD")
    if head:
        return Found(head.removeprefix(f"{remote}/"), f"refs/remotes/{remote}/HEAD")
    return Found("", "the forge knows its default branch")


def _evidence(root: Path) -> Found | None:
    """Which forge the files of a checkout are made for; ``None`` where they are made for both, or none."""
    gitlab = [name for name in (".gitlab-ci.yml", ".gitlab") if (root / name).exists()]
    github = [name for name in (".github",) if (root / name).exists()]
    if bool(gitlab) == bool(github):
        return None
    return Found("gitlab", gitlab[0]) if gitlab else Found("github", github[0])


def _candidates(root: Path) -> Iterator[Candidate]:
    listed = _git(root, "ls-files", "-z", "--", "*.md", "*.markdown") or ""
    for path in sorted(filter(None, listed.split("\0"))):
        file = root / path
        if _NEVER.search(path) or file.is_symlink() or not file.is_file() or file.stat().st_size > _LARGEST:
            continue
        try:
            document = parse(path, file.read_bytes())
        except (RoadmapError, OSError):
            continue
        if document.items:
            yield _judged(path, document)


def _judged(path: str, document: Document) -> Candidate:
    openly = sum(item.state is TaskState.OPEN for item in document.items)
    what = f"{openly} of {len(document.items)} items are open"
    if _ROADMAP.search(path.rpartition("/")[2]):
        return Candidate(path, True, f"its name, and {what}")
    if openly >= _ENOUGH and document.stages:
        return Candidate(path, True, f"it has stages, and {what}")
    return Candidate(path, False, f"{what}, and neither its name nor its stages speak for a roadmap")


def _git(directory: Path, *arguments: str) -> str | None:
    """What git says; ``None`` where it fails."""
    hidden = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603  (arguments of our own, no shell)
            ["git", *_SAFELY, *arguments],  # noqa: S607  (whichever git the person uses)
            cwd=directory,
            env={**hidden, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(
            f"git cannot be asked: {type(error).__name__}", where=str(directory), next_step="install git"
        ) from None
    text = done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
    return text if done.returncode == 0 else None
