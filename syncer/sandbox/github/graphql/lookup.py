"""Finding things by their GraphQL ids, as far as the asker may see them."""

from __future__ import annotations

from syncer.sandbox.github.graphql import git_nodes, nodes
from syncer.sandbox.github.graphql.session import Failure, Json, Session, not_found
from syncer.sandbox.identifiers import read_node_id
from syncer.sandbox.issues import Issue, Label, Milestone
from syncer.sandbox.people import User
from syncer.sandbox.repository import Repository


def repository(session: Session, key: str) -> Repository:
    """A repository by id."""
    prefix, value = read_node_id(key)
    found = session.forge.repositories.get(int(value)) if prefix == "R" and value.isdecimal() else None
    if found is None or not session.asker.sees(found):
        raise _unresolved(key)
    return found


def repository_named(session: Session, owner: str, name: str, *, follow: bool = True) -> Repository:
    """A repository by owner and name, under a former name too."""
    path = f"{owner}/{name}"
    found = session.forge.find(path)
    known = found is not None and (follow or found.full_name.lower() == path.lower())
    if found is None or not known or not session.asker.sees(found):
        raise not_found(f"Could not resolve to a Repository with the name '{path}'.")
    return found


def issue(session: Session, key: str) -> Issue:
    """An issue by id."""
    prefix, value = read_node_id(key)
    if prefix == "I":
        for home in _visible(session):
            for entry in home.issues.values():
                if str(entry.id) == value and entry.pull is None and not entry.gone:
                    return entry
    raise _unresolved(key)


def pull(session: Session, key: str) -> Issue:
    """A pull request by id."""
    prefix, value = read_node_id(key)
    if prefix == "PR":
        for home in _visible(session):
            for entry in home.pulls.values():
                if entry.pull is not None and str(entry.pull.id) == value:
                    return entry
    raise _unresolved(key)


def thread(session: Session, key: str) -> Issue:
    """An issue or a pull request by id."""
    return pull(session, key) if key.startswith("PR_") else issue(session, key)


def label(session: Session, home: Repository, key: str) -> Label:
    """A label of a repository by id."""
    prefix, value = read_node_id(key)
    found = home.labels.get(int(value)) if prefix == "LA" and value.isdecimal() else None
    if found is None:
        raise _unresolved(key)
    del session
    return found


def milestone(home: Repository, key: str) -> Milestone:
    """A milestone of a repository by id."""
    prefix, value = read_node_id(key)
    found = next(
        (entry for entry in home.milestones.values() if prefix == "MI" and str(entry.id) == value), None
    )
    if found is None:
        raise _unresolved(key)
    return found


def user(session: Session, key: str) -> User:
    """A user by id."""
    prefix, value = read_node_id(key)
    found = session.forge.people.by_id(int(value)) if prefix in ("U", "BOT") and value.isdecimal() else None
    if found is None:
        raise _unresolved(key)
    return found


def ref(session: Session, key: str) -> tuple[Repository, str]:
    """A ref by id: its repository and its full name."""
    prefix, value = read_node_id(key)
    number, _, name = value.partition(":")
    found = session.forge.repositories.get(int(number)) if prefix == "REF" and number.isdecimal() else None
    if found is None or not session.asker.sees(found):
        raise _unresolved(key)
    return found, name


def node(session: Session, key: str) -> Json:
    """Anything by id."""
    prefix, value = read_node_id(key)
    if prefix == "R":
        return nodes.repository(session, repository(session, key))
    if prefix in ("I", "PR"):
        return nodes.thread(session, thread(session, key))
    if prefix in ("U", "BOT"):
        return nodes.actor(session, user(session, key))
    if prefix in ("LA", "MI"):
        for home in _visible(session):
            for tag in home.labels.values():
                if prefix == "LA" and str(tag.id) == value:
                    return nodes.label(session, home, tag)
            for entry in home.milestones.values():
                if prefix == "MI" and str(entry.id) == value:
                    return nodes.milestone(session, home, entry)
    if prefix == "REF":
        home, name = ref(session, key)
        sha = home.branches.heads.get(name.removeprefix("refs/heads/"))
        if sha is not None:
            return git_nodes.ref(session, home, name, sha)
    if prefix in ("C", "B", "T"):
        number, _, sha = value.partition(":")
        owner = session.forge.repositories.get(int(number)) if number.isdecimal() else None
        found = git_nodes.git_object(session, owner, sha) if owner and session.asker.sees(owner) else None
        if found is not None:
            return found
    raise _unresolved(key)


def _visible(session: Session) -> list[Repository]:
    return [home for home in session.forge.repositories.values() if session.asker.sees(home)]


def _unresolved(key: str) -> Failure:
    return not_found(f"Could not resolve to a node with the global id of '{key}'")
