"""A new repository as GitHub hands it out: with the labels every new repository has."""

from __future__ import annotations

from syncer.sandbox.forge import Forge
from syncer.sandbox.people import User
from syncer.sandbox.repository import Repository

DEFAULT_LABELS = (
    ("bug", "d73a4a", "Something isn't working"),
    ("documentation", "0075ca", "Improvements or additions to documentation"),
    ("duplicate", "cfd3d7", "This issue or pull request already exists"),
    ("enhancement", "a2eeef", "New feature or request"),
    ("good first issue", "7057ff", "Good for newcomers"),
    ("help wanted", "008672", "Extra attention is needed"),
    ("invalid", "e4e669", "This doesn't seem right"),
    ("question", "d876e3", "Further information is requested"),
    ("wontfix", "ffffff", "This will not be worked on"),
)


def found(
    forge: Forge, path: str, creator: User, *, private: bool = False, description: str = ""
) -> Repository:
    """Create a repository, with its namespace if need be."""
    repository = forge.create_repository(path, creator, private=private, description=description)
    for name, color, text in DEFAULT_LABELS:
        repository.add_label(creator, name, color, text, default=True)
    return repository
