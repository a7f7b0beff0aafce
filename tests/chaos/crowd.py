"""People who edit roadmaps and trackers all the time, and what has to be true when they stop.

Each item has a side for its state and a side for its title, and is edited only there, so that there is never
a conflict: whatever the last person said has to be on both sides in the end. The tag in a title tells items
apart, so that a second line or a second issue for one item cannot hide.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field

from syncer.sandbox import RepositoryHandle
from syncer.sandbox.handles import IssueHandle

_TEXT = """
amber anchor apple arrow autumn badge bamboo basket beacon bishop blanket bottle bridge bronze
bucket button cabin camera candle canyon carbon castle cedar chalk cherry circle citrus clover
cobalt comet copper coral cotton crater crystal curtain dagger daisy delta desert diamond dolphin
dragon eagle ember engine falcon feather fennel ferry flint forest fossil galaxy garden garnet
ginger glacier granite harbor hazel helmet heron honey island ivory jacket jasmine jungle kettle
lantern laurel lemon lilac linen lotus magnet maple marble meadow mirror monsoon mosaic nectar
needle nickel nutmeg oasis olive onyx orchid otter oyster paddle panther paper parrot pebble pepper
pewter pigeon pillow pine planet plume pocket poppy prairie prism pumpkin quartz quiver rabbit raven
ribbon river rocket rubber saddle saffron salmon sapphire satin shadow silver sparrow spiral spruce
summit sunset syrup tablet temple thicket thunder tiger timber topaz torch tulip tunnel turtle
valley velvet violet walnut whisper willow winter zephyr
"""
_WORDS = _TEXT.split()
_LINE = re.compile(r"^- \[(?P<mark>[ x])\] (?P<title>.*\bt(?P<tag>\d+)\b.*)$", re.MULTILINE)


@dataclass
class Wish:
    """What people last said of an item."""

    title: str
    done: bool = False


@dataclass
class Place:
    """One repository with a roadmap and a tracker."""

    repository: RepositoryHandle
    wishes: dict[int, Wish] = field(default_factory=dict)


@dataclass
class Verdict:
    """How both sides compare with what people wanted."""

    items: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def fine(self) -> bool:
        return not (self.lost or self.doubled or self.different)


class Crowd:
    """People at work.

    Args:
        seed: of their choices.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._tags = 0
        self.places: dict[str, Place] = {}
        self.edits: Counter[str] = Counter()

    def found(self, count: int) -> tuple[bytes, dict[int, Wish]]:
        """A roadmap with so many items."""
        wishes = {}
        lines = ["# Roadmap", "", "## MVP", ""]
        for _ in range(count):
            tag, title = self._title()
            wishes[tag] = Wish(title)
            lines.append(f"- [ ] {title}")
        return ("\n".join(lines) + "\n").encode(), wishes

    def act(self) -> None:
        """Somebody does something."""
        place = self._random.choice(list(self.places.values()))
        deed = self._random.choice(
            [self._tick, self._tick, self._close, self._close, self._reword, self._add]
        )
        if deed(place):
            self.edits[deed.__name__.lstrip("_")] += 1

    def judge(self) -> Verdict:
        """Compare both sides of every place with what people wanted."""
        verdict = Verdict()
        for name, place in self.places.items():
            lines = self._lines(place)
            issues = self._issues(place)
            for tag, wish in place.wishes.items():
                verdict.items += 1
                where = f"{name} t{tag}"
                for side, found in (("line", lines.get(tag, [])), ("issue", issues.get(tag, []))):
                    if not found:
                        verdict.lost.append(f"{where}: no {side}")
                    elif len(found) > 1:
                        verdict.doubled.append(f"{where}: {len(found)} {side}s")
                    elif found[0] != (wish.title, wish.done):
                        verdict.different.append(f"{where}: {side} {found[0]}, wanted {wish}")
            extra = (set(lines) | set(issues)) - set(place.wishes)
            verdict.doubled += [f"{name} t{tag}: nobody wrote it" for tag in extra]
        return verdict

    # -- deeds --------------------------------------------------------------------------------------------

    def _tick(self, place: Place) -> bool:
        """In the roadmap, where the tag is even. A line that is ticked when it is new gets no issue."""
        tag = self._choose(place, 0)
        wish = place.wishes[tag]
        if self._issue(place, tag) is None:
            return False
        old = f"- [{'x' if wish.done else ' '}] "
        new = f"- [{' ' if wish.done else 'x'}] "
        if not self._edit(place, tag, old, new):
            return False
        wish.done = not wish.done
        return True

    def _close(self, place: Place) -> bool:
        """On the tracker, where the tag is odd."""
        tag = self._choose(place, 1)
        issue = self._issue(place, tag)
        if issue is None:
            return False
        if issue.state == "closed":
            issue.reopen()
        else:
            issue.close()
        place.wishes[tag].done = issue.state == "closed"
        return True

    def _reword(self, place: Place) -> bool:
        """In the roadmap, where the tag is even; on the tracker, where it is odd."""
        tag = self._choose(place, self._random.randrange(2))
        wish = place.wishes[tag]
        words = wish.title.split()
        words[-1] = self._random.choice(_WORDS)
        title = " ".join(words)
        if title == wish.title:
            return False
        if tag % 2:
            issue = self._issue(place, tag)
            if issue is None:
                return False
            issue.retitle(title)
        elif not self._edit(place, tag, wish.title, title):
            return False
        wish.title = title
        return True

    def _add(self, place: Place) -> bool:
        """A new line, seldom, so that there is something to create until the end."""
        if self._random.random() > 0.3 or len(place.wishes) >= 60:
            return False
        tag, title = self._title()
        with place.repository._lock:
            text = place.repository.file("TODO.md").decode()
            place.repository.commit({"TODO.md": f"{text}- [ ] {title}\n".encode()})
        place.wishes[tag] = Wish(title)
        return True

    # -- looking ------------------------------------------------------------------------------------------

    def _choose(self, place: Place, parity: int) -> int:
        return self._random.choice([tag for tag in place.wishes if tag % 2 == parity])

    def _edit(self, place: Place, tag: int, old: str, new: str) -> bool:
        """Replace one text in an item's line, in a commit; nobody can commit in between."""
        with place.repository._lock:
            text = place.repository.file("TODO.md").decode()
            for match in _LINE.finditer(text):
                if int(match["tag"]) == tag:
                    line = match[0].replace(old, new, 1)
                    if line == match[0]:
                        return False
                    text = text[: match.start()] + line + text[match.end() :]
                    place.repository.commit({"TODO.md": text.encode()})
                    return True
        return False

    def _lines(self, place: Place) -> dict[int, list[tuple[str, bool]]]:
        found: dict[int, list[tuple[str, bool]]] = {}
        for match in _LINE.finditer(place.repository.file("TODO.md").decode()):
            found.setdefault(int(match["tag"]), []).append((match["title"], match["mark"] == "x"))
        return found

    def _issues(self, place: Place) -> dict[int, list[tuple[str, bool]]]:
        found: dict[int, list[tuple[str, bool]]] = {}
        for issue in place.repository.issues():
            tag = _tag_of(issue.title)
            if tag is not None:
                found.setdefault(tag, []).append((issue.title, issue.state == "closed"))
        return found

    def _issue(self, place: Place, tag: int) -> IssueHandle | None:
        return next((each for each in place.repository.issues() if _tag_of(each.title) == tag), None)

    def _title(self) -> tuple[int, str]:
        self._tags += 1
        return (
            self._tags,
            f"{' '.join(self._random.sample(_WORDS, 4))} t{self._tags} {self._random.choice(_WORDS)}",
        )


def _tag_of(title: str) -> int | None:
    match = re.search(r"\bt(\d+)\b", title)
    return int(match[1]) if match is not None else None
