"""Which labels and assignees stand for what an item says, as a team has configured it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from syncer.model.document import Item
from syncer.model.identity import TrackerId


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of one attribute's value.

    Args:
        template: the label, with ``{}`` for the value; empty where only some values have one.
        names: labels by folded value; a value that is missing has none.
    """

    template: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def label(self, value: str) -> str:
        """The label of a value; empty for none. Commas part labels on GitLab, so they become blanks."""
        if not value:
            return ""
        name = self.template.replace("{}", value) if self.template else self.names.get(value.casefold(), "")
        return " ".join(name.replace(",", " ").split())


@dataclass(frozen=True, slots=True)
class Labelling:
    """Labels beside the one that marks managed issues; none without a rule.

    Args:
        stage: from the name of the item's stage.
        section: from the innermost heading below the stage.
        prefix: from the letters of the item's id: ``AUD`` of ``AUD-01``.
        tag: from each ``#tag``, and each value of a field of labels.
        loop: from the first and the last iteration of the stage, where it is a repeat loop.
        started: marks an issue whose row or box is in progress, both ways; empty for none.
    """

    stage: Rule = Rule()
    section: Rule = Rule()
    priority: Rule = Rule()
    prefix: Rule = Rule()
    estimate: Rule = Rule()
    due: Rule = Rule()
    tag: Rule = Rule()
    loop: Rule = Rule()
    started: str = ""

    def labels(self, item: Item, stage: str, loop: str = "") -> Iterator[str]:
        """The labels that an item calls for.

        Args:
            item: as it reads.
            stage: the name of its stage; empty for none.
            loop: the range of its iterations.
        """
        said = item.attributes
        section = item.section[-1] if item.section and item.section[-1] != stage else ""
        prefix = item.id.rstrip("0123456789.-_ ") if item.id else ""
        values = [
            (self.stage, stage),
            (self.section, section),
            (self.loop, loop),
            (self.priority, said.priority),
            (self.prefix, prefix if prefix.isascii() and prefix.isalpha() else ""),
            (self.estimate, said.estimate),
            (self.due, said.due.isoformat() if said.due is not None else ""),
            *((self.tag, tag) for tag in said.tags),
        ]
        for rule, value in values:
            if name := rule.label(value):
                yield name


@dataclass(frozen=True, slots=True)
class Members:
    """Who the people are that a roadmap names.

    Args:
        logins: by folded name, and by forge; ``""`` is any forge.
    """

    logins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def assignees(self, item: Item, tracker: TrackerId) -> frozenset[str]:
        """The accounts of an item's owners on a tracker; whoever is not in the list is nobody."""
        forge = tracker.partition(":")[0]
        found = (self.logins.get(owner.casefold(), {}) for owner in item.attributes.owners)
        return frozenset(
            login for accounts in found if (login := accounts.get(forge) or accounts.get("", ""))
        )
