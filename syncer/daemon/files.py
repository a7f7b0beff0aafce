"""Whether files have changed, by what the file system says of them. Their content is not read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

Sight = tuple[tuple[str, int, int, int], ...]


def sight(paths: Iterable[Path]) -> Sight:
    """What files look like from outside; two sights are equal where nothing has changed.

    Kubernetes replaces mounted configuration by moving a symbolic link; what it points at then has
    another inode.
    """
    seen = []
    for path in sorted(set(paths)):
        try:
            status = path.stat()
        except OSError:
            seen.append((str(path), 0, 0, 0))
        else:
            seen.append((str(path), status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(seen)
