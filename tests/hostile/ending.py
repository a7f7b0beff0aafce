"""How things stand once a team's runs have nothing left to do, without what is chance."""

from __future__ import annotations

from collections import Counter

from tests.hostile.world import HostileTeam


def end_of(team: HostileTeam) -> tuple[object, ...]:
    """Run until all is settled; what people can see then."""
    for _ in range(3):
        team.clock.pass_time(1200)
        report = team.hostile_run([])
        assert report is not None
        assert report.problem is None, report.problem
    plan = team.quiet_plan()
    assert plan.actions == (), [(type(each).__name__, each.subject.title) for each in plan.actions]
    issues = Counter(
        (issue.title, issue.state, issue.labels, issue.milestone is not None)
        for issue in map(team.repo.issue, team.live)
    )
    return (
        team.text,
        tuple(sorted(issues.items(), key=str)),
        sorted((each.title, each.closed) for each in team.milestones()),
        sorted((hold.code, hold.subject.title) for hold in plan.holds),
    )
