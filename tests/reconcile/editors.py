"""People who edit a large roadmap: seeded, realistic, and remembered line by line.

Each line carries an identity that only the simulation knows, so that what syncer finds can be compared with
what really happened.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

_VERBS = (
    "Add", "Write", "Remove", "Document", "Refactor", "Benchmark", "Support", "Fix", "Test", "Design",
    "Implement", "Review", "Migrate", "Measure", "Simplify", "Validate", "Cache", "Expose", "Retry", "Log",
)  # fmt: skip
_THINGS = (
    "parser", "lexer", "scheduler", "login page", "session store", "export dialog", "import wizard",
    "billing report", "retry queue", "webhook receiver", "search index", "settings screen", "audit log",
    "rate limiter", "plugin loader", "theme editor", "backup job", "mobile layout", "error page",
    "telemetry pipeline", "token refresh", "upload service", "release script", "style guide", "data model",
    "permission check", "diff viewer", "undo stack", "command palette", "status bar", "crash handler",
)  # fmt: skip
_TAILS = (
    "for large files", "with unit tests", "in the background", "before the beta", "on Windows", "on macOS",
    "for new customers", "behind a feature flag", "without downtime", "using the new API", "in all languages",
    "with a progress bar", "for administrators", "after the migration", "for offline use", "in strict mode",
    "within 200 ms", "for screen readers", "per workspace", "with keyboard shortcuts", "for guests",
)  # fmt: skip
_FRESH = (
    "quickly", "properly", "again", "carefully", "reliable", "minimal", "complete", "early", "shared",
    "robust",
    "internal", "public", "first", "second", "optional", "default", "legacy", "modern", "small", "deep",
)  # fmt: skip

WAYS = ("typo", "reword", "move", "move and reword", "delete", "insert", "copy")


@dataclass(frozen=True, slots=True)
class Line:
    """A task with the identity that only the simulation knows."""

    identity: int
    section: int
    text: str
    done: bool = False


@dataclass
class Roadmap:
    """Lines in order of sections, and people who edit them.

    Args:
        size: how many lines there are at first.
        per_section: lines in a section.
    """

    size: int
    seed: int
    per_section: int = 25
    lines: list[Line] = field(default_factory=list)
    edited: dict[int, str] = field(default_factory=dict)
    _next: int = 0
    _used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        for number in range(self.size):
            self.lines.append(self._fresh(number // self.per_section))

    @property
    def sections(self) -> int:
        return max(1, self.size // self.per_section)

    def _fresh(self, section: int) -> Line:
        self._next += 1
        text = self._text()
        while text in self._used:
            text = self._text()
        self._used.add(text)
        return Line(self._next, section, text)

    def _text(self) -> str:
        pick = self.random.choice
        words = [pick(_VERBS), pick(("the", "a", "our")), pick(_THINGS), pick(_TAILS)]
        if self.random.random() < 0.5:
            words.append(f"and {pick(_VERBS).lower()} the {pick(_THINGS)}")
        return " ".join(words)

    def markdown(self) -> str:
        """The roadmap as a file."""
        parts = ["# Plan"]
        by_section: dict[int, list[Line]] = {}
        for line in self.lines:
            by_section.setdefault(line.section, []).append(line)
        for section in range(self.sections):
            if section % 6 == 0:
                parts.append(f"## Phase {section // 6 + 1}: {_THINGS[section // 6 % len(_THINGS)].title()}")
            parts.append(f"### {_VERBS[section % len(_VERBS)]}ing area {section}")
            marks = [f"- [{'x' if line.done else ' '}] {line.text}" for line in by_section.get(section, [])]
            parts.append("\n".join(marks) or "Nothing here.")
        return "\n\n".join(parts) + "\n"

    def order(self) -> list[Line]:
        """The lines as they stand in the file."""
        return sorted(self.lines, key=lambda line: line.section)

    # -- editing -----------------------------------------------------------------------------------------

    def edit(self, share: float) -> Counter[str]:
        """Edit a share of the lines, each in one way; ``edited`` says how each survivor was."""
        self.edited = {}
        done: Counter[str] = Counter()
        chosen = self.random.sample(range(len(self.lines)), int(len(self.lines) * share))
        identities = [self.lines[at].identity for at in chosen]
        for identity in identities:
            way = self.random.choices(WAYS, weights=(24, 26, 18, 8, 8, 10, 6))[0]
            at = next(n for n, line in enumerate(self.lines) if line.identity == identity)
            self._edit(at, way)
            done[way] += 1
        return done

    def _edit(self, at: int, way: str) -> None:
        line = self.lines[at]
        match way:
            case "typo":
                self.lines[at] = replace(line, text=self._typo(line.text))
            case "reword":
                self.lines[at] = replace(line, text=self._reword(line.text))
            case "move":
                self._move(at, line.text)
            case "move and reword":
                self._move(at, self._reword(line.text))
            case "delete":
                del self.lines[at]
                return
            case "insert":
                self.lines.insert(at, self._fresh(line.section))
                return
            case "copy":
                copy = replace(self._fresh(line.section), text=self._reword(line.text, least=1))
                self.lines.insert(at + 1, copy)
                return
        self.edited[line.identity] = way

    def _move(self, at: int, text: str) -> None:
        line = self.lines.pop(at)
        section = self.random.randrange(self.sections)
        inside = [n for n, other in enumerate(self.lines) if other.section == section]
        target = self.random.choice(inside) if inside else len(self.lines)
        self.lines.insert(target, replace(line, section=section, text=text))

    def _typo(self, text: str) -> str:
        at = self.random.randrange(1, len(text) - 1)
        letter = self.random.choice("abcdefghijklmnopqrstuvwxyz")
        changed = self.random.choice((text[:at] + letter + text[at:], text[:at] + text[at + 1 :]))
        return " ".join(changed.split()) if " ".join(changed.split()) != text else text + "s"

    def _reword(self, text: str, least: int = 1) -> str:
        """Change up to a third of the words: replaced, dropped or added."""
        words = text.split()
        most = max(least, len(words) // 3)
        for _ in range(self.random.randint(least, most)):
            at = self.random.randrange(len(words))
            kind = self.random.random()
            if kind < 0.6:
                words[at] = self.random.choice(_FRESH)
            elif kind < 0.8 and len(words) > 3:
                del words[at]
            else:
                words.insert(at, self.random.choice(_FRESH))
        return " ".join(words)
