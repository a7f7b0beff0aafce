"""What has to be true once everything is quiet, whatever happened before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from syncer.model.fields import TaskState
from syncer.model.plan import Hold, Plan
from syncer.reconcile.block import read_block
from syncer.service.cycle import Orders
from tests.hostile.world import BOT, PATH, Account, HostileTeam, Line, outside

OPEN, DONE, DROPPED = TaskState.OPEN, TaskState.DONE, TaskState.DROPPED


@dataclass
class Pair:
    """A line and its issue, as both were seen to agree."""

    line: int
    issue: int
    box: TaskState
    text: str
    state: TaskState
    title: str


@dataclass
class Tally:
    """How often something was really checked, so that nobody believes in empty proofs."""

    histories: int = 0
    runs: int = 0
    killed: int = 0
    pairs: int = 0
    carried: int = 0
    excused: int = 0


@dataclass
class Oracle:
    """Watches one team."""

    team: HostileTeam
    tally: Tally
    pairs: list[Pair] = field(default_factory=list)

    def settle(self) -> None:
        """Let it become quiet, sync until nothing is planned, and judge."""
        team = self.team
        team.repo.lag = 0
        team.repo.failures.clear()
        for number in range(10):
            # What was deleted is only missed by a complete look.
            full = number % 2 == 1
            team.clock.pass_time(1200)
            report = team.hostile_run([], Orders(full=full))
            self.tally.runs += 1
            assert report is not None
            assert report.problem is None, report.problem
            plan = team.quiet_plan()
            if full and not plan.actions:
                break
        else:
            planned = [(type(each).__name__, each.subject.title, each.reason) for each in plan.actions]
            raise AssertionError(f"it does not come to rest: {planned}")
        self._fixpoint()
        self._bytes()
        self._duplicates()
        self._absence(plan)
        self._conservation(plan)
        self.team.account = Account()
        self._pair(plan)

    def _fixpoint(self) -> None:
        team = self.team
        head, versions = team.head, {n: len(v) for n, v in team.repo.issues.items()}
        report = team.hostile_run([], Orders(full=True))
        assert report is not None
        assert report.plan is not None
        assert not report.plan.actions, [(type(a).__name__, a.subject.title) for a in report.plan.actions]
        assert (head, versions) == (team.head, {n: len(v) for n, v in team.repo.issues.items()})

    def _bytes(self) -> None:
        """What people wrote into bodies is still there."""
        for number, text in self.team.foreign.items():
            if number in self.team.live:
                assert outside(self.team.repo.issue(number).body) == text, f"#{number} lost people's text"

    def _duplicates(self) -> None:
        team = self.team
        ours = [team.repo.issue(number) for number in team.live]
        ours = [issue for issue in ours if issue.author == BOT]
        markers = Counter(
            marker.uid for issue in ours if (marker := read_block(issue.body).marker) is not None
        )
        assert all(count == 1 for count in markers.values()), f"a marker was used twice: {markers}"
        # Without a memory, a closed issue that nothing explains does not hold new lines back.
        titles = Counter(issue.title for issue in ours if issue.state is OPEN or not team.ever_lost)
        for title, count in titles.items():
            most = team.seen_titles.get(title, 0) + team.retitled_to.get(title, 0)
            assert count <= most, f"{count} issues of ours are titled {title!r}; there were at most {most}"

    def _absence(self, plan: Plan) -> None:
        """Nothing is called gone that is there."""
        gone = {hold.subject.number for hold in plan.holds if hold.code == "issue-gone"}
        assert not gone & set(self.team.live), f"not gone: {gone & set(self.team.live)}"

    # -- conservation ------------------------------------------------------------------------------------

    def _conservation(self, plan: Plan) -> None:
        team, account = self.team, self.team.account
        if account.spoilt:
            return
        lines = {line.key: (at, line) for at, line in enumerate(team.lines, start=1)}
        texts = Counter(line.title for line in team.tasks)
        for pair in self.pairs:
            if pair.line not in lines or pair.issue not in team.live:
                continue
            now = lines[pair.line][1].title
            others = Counter(texts)
            others[now] -= 1
            equal = others[pair.text] or others[now] or {pair.text, now} & account.twins
            if pair.line in account.copied or equal:
                # Which of two equal lines is which, nobody can tell.
                self.tally.excused += 1
                continue
            at, line = lines[pair.line]
            # Without a memory, a line whose text was changed is found again by nothing but its looks.
            unknown = account.lost and (pair.line in account.texts or pair.issue in account.titles)
            if unknown or self._replaced(pair, line, account) or _held(plan, at, pair.issue):
                self.tally.excused += 1
                continue
            self.tally.pairs += 1
            self._state(pair, line, account)
            self._text(pair, line, account)

    def _replaced(self, pair: Pair, line: Line, account: Account) -> bool:
        """Whether a line that got quite another text counts as another item now."""
        if pair.line not in account.rewritten | (account.texts & account.moved):
            return False
        alike = [n for n in self.team.live if self.team.repo.issue(n).title == line.title]
        return alike != [pair.issue]

    def _state(self, pair: Pair, line: Line, account: Account) -> None:
        issue = self.team.repo.issue(pair.issue)
        by_line, by_issue = pair.line in account.boxes, pair.issue in account.states
        what = f"{line.title!r} (#{pair.issue}): box {pair.box.value}->{line.state.value}, "
        what += f"issue {pair.state.value}->{issue.state.value}"
        if not by_line and not by_issue:
            assert (line.state, issue.state) == (pair.box, pair.state), f"nobody touched {what}"
            return
        self.tally.carried += 1
        assert _agree(line.state, issue.state), f"the sides of {what} disagree and nobody is told"

    def _text(self, pair: Pair, line: Line, account: Account) -> None:
        issue = self.team.repo.issue(pair.issue)
        by_line, by_issue = pair.line in account.texts, pair.issue in account.titles
        what = f"line {pair.text!r}->{line.title!r}, issue {pair.title!r}->{issue.title!r}"
        if not by_line and not by_issue:
            assert (line.title, issue.title) == (pair.text, pair.title), f"nobody touched {what}"
            return
        self.tally.carried += 1
        assert line.title == issue.title, f"the sides of {what} disagree and nobody is told"

    def _pair(self, plan: Plan) -> None:
        """Lines and issues that are equal and unique on both sides belong together."""
        team = self.team
        texts = Counter(line.title for line in team.tasks)
        issues = [team.repo.issue(number) for number in team.live]
        titles = Counter(issue.title for issue in issues)
        self.pairs = []
        for at, line in enumerate(team.lines, start=1):
            if not line.task or texts[line.title] != 1 or titles[line.title] != 1:
                continue
            (issue,) = (each for each in issues if each.title == line.title)
            if issue.author != BOT or _held(plan, at, issue.ref.number):
                continue
            if _agree(line.state, issue.state):
                self.pairs.append(
                    Pair(line.key, issue.ref.number, line.state, line.title, issue.state, issue.title)
                )


def _agree(box: TaskState, state: TaskState) -> bool:
    """Whether two states can stand beside each other for good."""
    return box is state or state is DROPPED or (box is DROPPED and state is DONE)


def _held(plan: Plan, at: int, number: int) -> bool:
    return any(_names(hold, at, number) for hold in plan.holds)


def _names(hold: Hold, at: int, number: int) -> bool:
    subject = hold.subject
    if subject.path == PATH and subject.line == 0 and not subject.section:
        return True
    return subject.number == number or (subject.path == PATH and subject.line == at)
