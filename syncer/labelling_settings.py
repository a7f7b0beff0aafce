"""Configuration of what items say about themselves: which labels and which accounts stand for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from syncer.reconcile.labelling import Labelling, Members, Rule


def _template(text: str) -> str:
    if "{}" not in text:
        raise ValueError("has no {} for the value to stand in")
    return text


_Label = Annotated[str, Field(min_length=1, max_length=200)]
LabelRule = Annotated[_Label, AfterValidator(_template)] | dict[_Label, _Label]
"""A template with ``{}`` for the value, or labels by value; a value that is missing has none."""

Account = _Label | dict[str, _Label]
"""A login, or logins by forge."""


class LabelSettings(BaseModel):
    """Labels that stand for what an item says. Without a rule there is none."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)

    stage: LabelRule | None = Field(None, description="from the stage's name")
    section: LabelRule | None = Field(None, description="from the innermost heading below the stage")
    priority: LabelRule | None = Field(None, description="from `P1`, `priority: high`, a column, a heading")
    prefix: LabelRule | None = Field(None, description="from the letters of the item's id: AUD of AUD-01")
    estimate: LabelRule | None = Field(None, description="from a field or column of estimates")
    due: LabelRule | None = Field(None, description="from the item's own date, as 2026-03-06")
    tag: LabelRule | None = Field(None, description="from each `#tag`, and from a field of labels")
    loop: LabelRule | None = Field(None, description="from the range of a repeat loop, as RC1–RC6")
    started: str = Field(
        "", max_length=50, description="marks what is in progress, both ways between issues and table rows"
    )


def labelling_of(settings: LabelSettings) -> Labelling:
    """The rules as the planner takes them."""
    return Labelling(
        **{
            name: _rule(getattr(settings, name))
            for name in ("stage", "section", "priority", "prefix", "estimate", "due", "tag", "loop")
        },
        started=settings.started,
    )


def members_of(settings: dict[str, Account]) -> Members:
    """The people as the planner takes them; a name may be written with the ``@`` that it has in roadmaps."""
    return Members(
        {
            name.removeprefix("@").casefold(): {"": account} if isinstance(account, str) else account
            for name, account in settings.items()
        }
    )


def _rule(rule: str | dict[str, str] | None) -> Rule:
    if rule is None:
        return Rule()
    if isinstance(rule, str):
        return Rule(template=rule)
    return Rule(names={value.casefold(): label for value, label in rule.items()})
