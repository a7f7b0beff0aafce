"""Examples played by a team in memory: first what there is, then what people do, then one run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from syncer.cli.describe import describe
from syncer.forges.memory import MemoryRepository
from syncer.model.plan import Plan
from syncer.model.tracker import Issue
from syncer.reconcile.block import read_block
from syncer.reconcile.policy import Policy
from tests.examples.reading import Example
from tests.team import Team

_ISSUE = re.compile(
    r"#(?P<number>\d+) (?P<state>open|done|dropped) by (?P<by>\w+)"
    r"(?: \[(?P<labels>.*)\])?: (?P<title>.*)"
)
_DEED = re.compile(r"(?P<what>[a-z ]+?)(?: #(?P<number>\d+))?(?:: (?P<text>.*))?")


def play(example: Example, policy: Policy) -> None:
    """Play an example, and show that it says what happens, and that nothing is left to do afterwards."""
    blocks = example.blocks
    team = stage(blocks["roadmap"], policy)
    people_open(team.repository(), blocks.get("tracker", ""))
    later = {"roadmap, later", "tracker, later"} & set(blocks)
    if later:
        team.settled()
        team.clock.pass_time(3600)
    if "roadmap, later" in blocks:
        team.write(blocks["roadmap, later"])
    for deed in blocks.get("tracker, later", "").splitlines():
        people_do(team, deed)

    assert "".join(f"{line}\n" for line in said(team.plan())) == blocks["plan"]
    report = team.sync()
    assert report.failures == []
    assert team.text == blocks.get("roadmap, after", blocks.get("roadmap, later", blocks["roadmap"]))
    if "tracker, after" in blocks:
        assert (
            "".join(f"{line}\n" for line in shown(team.issues(), team.repository()))
            == blocks["tracker, after"]
        )
    text, issues = team.text, team.issues()
    again = team.sync().plan
    assert again is not None
    assert again.effects == ()
    assert (team.text, team.issues()) == (text, issues)


def stage(text: str, policy: Policy) -> Team:
    """A team among whom everybody may triage but mallory."""
    team = Team(text, policy=policy)
    team.repository().strangers = {"mallory"}
    return team


def said(plan: Plan) -> Iterator[str]:
    """A plan's effects and holds, a line each."""
    for action in plan.effects:
        words = describe(action)
        yield f"{words.symbol} {words.what} ({words.why})"
    for hold in plan.holds:
        number = f" #{hold.subject.number}" if hold.subject.number else ""
        line = f":{hold.subject.line}" if hold.subject.line else ""
        yield f"! {hold.code} {hold.subject.path}{line}{number}: {hold.reason}"


def shown(issues: list[Issue], repository: MemoryRepository) -> Iterator[str]:
    """Issues as the examples write them."""
    for issue in issues:
        ours = "ours" if read_block(issue.body).marker is not None else f"by {issue.author}"
        labels = f" [{', '.join(sorted(issue.labels))}]" if issue.labels else ""
        yield f"#{issue.ref.number} {issue.state.value} {ours}{labels}: {issue.title}"
        for text in repository.said.get(issue.ref.number, ()):
            lines = [line for line in text.splitlines() if not line.startswith("<!--")]
            yield from (f"    {line}".rstrip() for line in lines)


def people_open(repository: MemoryRepository, text: str) -> None:
    """Open the issues of an example, one after the other, so that they get the numbers that it says."""
    found: list[tuple[re.Match[str], list[str]]] = []
    for line in text.splitlines():
        if line.startswith("    ") or not line:
            found[-1][1].append(line[4:])
            continue
        match = _ISSUE.fullmatch(line)
        assert match is not None, line
        found.append((match, []))
    for match, body in found:
        labels = frozenset(match["labels"].split(", ")) if match["labels"] else frozenset()
        number = repository.open(match["title"], "\n".join(body), by=match["by"], labels=labels)
        assert number == int(match["number"]), match[0]
        if match["state"] != "open":
            repository.close(number, dropped=match["state"] == "dropped")


def people_do(team: Team, deed: str) -> None:
    """One thing that people do on the tracker, or to the ledger."""
    match = _DEED.fullmatch(deed)
    assert match is not None, deed
    repository, number = team.repository(), int(match["number"] or 0)
    match match["what"]:
        case "open":
            repository.open(match["text"])
        case "close":
            repository.close(number)
        case "retitle":
            repository.retitle(number, match["text"])
        case "label":
            repository.change(number, labels=frozenset({match["text"]}))
        case "write in":
            repository.change(number, body=match["text"])
        case "delete":
            repository.delete(number)
        case "put":
            repository.adopt(number, int((match["text"] or "below #0").removeprefix("below #")))
        case "lose the ledger":
            team.lose_ledger()
        case what:
            raise AssertionError(what)
