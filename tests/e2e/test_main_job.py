"""The main job as a person runs it: five roadmaps, both forges, a command line and a database.

Everything goes over real HTTP against the embedded forge, and every call of ``syncer`` is a process of
its own.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from syncer.cli.demo.stage import roadmaps
from syncer.model.document import Document, Item, ItemKind
from syncer.model.fields import TaskState
from syncer.roadmap.parse import parse
from syncer.sandbox import Kind, RepositoryHandle, Request, Sandbox
from tests.e2e.world import KINDS, World
from tests.traffic import RECORD_TO

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
SETTINGS = 'criteria = "ignore"'


@dataclass(frozen=True)
class Cast:
    """Five roadmaps and what must come of them.

    Args:
        issues: by project, how many are created.
        milestones: by project, how many are created.
        big: a checklist whose boxes are ticked.
        plan: a milestone table whose second milestone is closed, with its title.
        rows: requirement rows, one of which stands in two tables, with its id.
    """

    files: dict[str, bytes]
    issues: dict[str, int]
    milestones: dict[str, int]
    big: str
    plan: tuple[str, str]
    rows: tuple[str, str]


def own() -> Cast:
    files = roadmaps()
    documents = {name: parse("TODO.md", data) for name, data in files.items()}
    shapes = sorted(files)
    return Cast(
        files=files,
        issues={name: _creatable(document) for name, document in documents.items()},
        milestones={name: _unfinished_stages(document) for name, document in documents.items()},
        big=max(shapes, key=lambda name: _boxes(documents[name])),
        plan=_milestone_table(documents),
        rows=_mirrored_row(documents),
    )


def seeds() -> Cast:
    found = {path.name[:3]: path.read_bytes() for path in sorted(SEEDS.glob("0*.txt"))}
    return Cast(
        files={f"seed{key}": data for key, data in found.items()},
        issues={"seed000": 60, "seed001": 72, "seed002": 0, "seed003": 13, "seed004": 22},
        milestones={"seed000": 6, "seed001": 4, "seed002": 2, "seed003": 4, "seed004": 6},
        big="seed000",
        plan=("seed002", "M2"),
        rows=("seed004", "AUD-01"),
    )


def _creatable(document: Document) -> int:
    return sum(
        1
        for item in document.items
        if (item.box is not None or item.cell is not None)
        and item.state is TaskState.OPEN
        and item.kind is not ItemKind.CRITERION
        and item.withheld is None
    )


def _unfinished_stages(document: Document) -> int:
    return sum(1 for stage in document.stages if stage.status.task_state is TaskState.OPEN)


def _boxes(document: Document) -> int:
    return sum(1 for item in document.items if item.box is not None and item.state is TaskState.OPEN)


def _milestone_table(documents: dict[str, Document]) -> tuple[str, str]:
    for name, document in documents.items():
        for stage in document.stages:
            if stage.row_line and stage.id and stage.mirrors and stage.status.task_state is TaskState.OPEN:
                return name, stage.id
    raise AssertionError("none of the roadmaps has a milestone table with a mirror")


def _mirrored_row(documents: dict[str, Document]) -> tuple[str, str]:
    for name, document in documents.items():
        for item in document.items:
            if item.id and item.mirrors and item.state is TaskState.OPEN:
                return name, item.id
    raise AssertionError("none of the roadmaps has a requirement row with a mirror")


CASTS = [
    pytest.param(own, id="own"),
    pytest.param(
        seeds, id="seeds", marks=pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not here")
    ),
]


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        yield World(sandbox, request.param, tmp_path)


@pytest.fixture(params=CASTS)
def cast(request: pytest.FixtureRequest, world: World) -> Cast:
    made: Cast = request.param()
    for name, data in made.files.items():
        world.add(name, {"TODO.md": data, "README.md": b"# Hello\n"}, extra=SETTINGS)
    return made


def test_a_dry_run_plans_everything_and_changes_nothing(world: World, cast: Cast) -> None:
    world.sandbox.reset_counts()

    result = world.syncer("run", "--dry-run", "--json")

    assert result.code == 0, result.err
    planned = {each["project"]: each["plan"] for each in result.json["projects"]}
    assert {name: _planned(plan, "create-issue") for name, plan in planned.items()} == cast.issues
    assert {name: _planned(plan, "create-milestone") for name, plan in planned.items()} == cast.milestones
    assert world.sandbox.count().changes == 0
    assert not (world.directory / "syncer.db").exists()
    assert all(not repository.issues() for repository in world.repositories.values())


def test_the_guard_holds_large_plans_and_an_approval_applies_them(world: World, cast: Cast) -> None:
    large = sorted(name for name, count in cast.issues.items() if count > 50)

    result = world.syncer("run")

    assert result.code == (4 if large else 0), result.err
    for name, repository in world.repositories.items():
        assert len(repository.issues()) == (0 if name in large else cast.issues[name])
    for name in large:
        assert f"syncer run --project {name} --approve" in result.out
        world.sandbox.reset_counts()
        approved = world.syncer("run", "--project", name, "--approve")
        assert approved.code == 0, approved.err
        labels, files = 1, 1
        limit = cast.issues[name] + cast.milestones[name] + labels + files + 5
        assert world.sandbox.count().total <= limit
    for name, repository in world.repositories.items():
        assert len(repository.issues()) == cast.issues[name]
        assert len(repository.milestones()) == cast.milestones[name]
        assert repository.file("TODO.md") == cast.files[name]


def test_a_first_import_is_complete_cheap_and_readable(world: World, cast: Cast) -> None:
    world.sandbox.reset_counts()
    result = world.syncer("run", "--approve")
    assert result.code == 0, result.err
    for name, requests in _requests(world).items():
        labels, files = (1 if cast.issues[name] else 0), 1
        assert len(requests) <= cast.issues[name] + cast.milestones[name] + labels + files + 5

    for name, repository in world.repositories.items():
        document = parse("TODO.md", cast.files[name])
        titles = {item.full_title for item in document.items}
        stages = {stage.title: stage for stage in document.stages}
        for issue in repository.issues():
            assert issue.title in titles
            assert "TODO.md :: " in issue.body
            assert "roadmap" in issue.labels
            for text in (issue.title, issue.body):
                assert not any(sign in text for sign in ("â€", "ðŸ", "Ã—", "âœ")), text
            item = next(item for item in document.items if item.full_title == issue.title)
            stage = document.stages[item.stage] if item.stage is not None else None
            assert issue.milestone_title == (stage.title if stage is not None else None)
        for milestone in repository.milestones():
            assert milestone.due == stages[milestone.title].due


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seeds are not here")
def test_due_dates_of_the_seeds_arrive_as_calendar_days(world: World) -> None:
    (data,) = (path.read_bytes() for path in SEEDS.glob("002*.txt"))
    world.add("plan", {"TODO.md": data}, extra=SETTINGS)

    assert world.syncer("run").code == 0

    days = [milestone.due for milestone in world.repositories["plan"].milestones()]
    assert days == [date(2026, 3, 6), date(2026, 3, 27)]


def test_a_second_run_plans_nothing_and_costs_next_to_nothing(world: World, cast: Cast) -> None:
    assert world.syncer("run", "--approve").code == 0
    heads = {name: repository.head() for name, repository in world.repositories.items()}
    for round_number in range(3):
        world.sandbox.reset_counts()
        result = world.syncer("run", "--json")
        assert result.code == 0, result.err
        assert [project["plan"]["actions"] for project in result.json["projects"]] == [[] for _ in heads]
        assert world.sandbox.count().changes == 0
        for requests in _requests(world).values():
            assert len(requests) <= 3
            if world.kind == "github" and round_number >= 1:
                assert {request.kind for request in requests} == {Kind.NOT_MODIFIED}
    assert {name: repository.head() for name, repository in world.repositories.items()} == heads


def test_one_run_carries_everything_in_both_directions(world: World, cast: Cast) -> None:
    assert world.syncer("run", "--approve").code == 0
    big = world.repositories[cast.big]
    issues = big.issues()
    boxes = _bound_boxes(big.file("TODO.md"), {issue.title for issue in issues[8:]})
    issues[0].close()
    issues[1].close()
    _set_boxes(world, cast.big, {boxes[0].line: b"[x]"})
    prepared = world.syncer("run")
    assert prepared.code == 0, prepared.err

    issues[2].close()
    issues[3].close()
    if world.kind == "gitlab":
        issues[4].label("dropped")
    issues[4].close(reason="not_planned")
    issues[0].reopen()
    _set_boxes(world, cast.big, {boxes[0].line: b"[ ]", boxes[1].line: b"[x]", boxes[2].line: b"[x]"})
    plan, stage = cast.plan
    (milestone,) = (each for each in world.repositories[plan].milestones() if each.title.startswith(stage))
    milestone.close()
    rows, requirement = cast.rows
    (row,) = (each for each in world.repositories[rows].issues() if each.title.startswith(f"{requirement}:"))
    row.close()
    before = {name: repository.file("TODO.md") for name, repository in world.repositories.items()}
    commits = {name: len(repository.log()) for name, repository in world.repositories.items()}

    result = world.syncer("run")

    assert result.code == 0, result.err
    after = {name: repository.file("TODO.md") for name, repository in world.repositories.items()}
    by_title = {item.full_title: item for item in parse("TODO.md", before[cast.big]).items}
    expected = {
        by_title[issues[0].title].line: (b"[x]", b"[ ]"),
        by_title[issues[2].title].line: (b"[ ]", b"[x]"),
        by_title[issues[3].title].line: (b"[ ]", b"[x]"),
    }
    assert _changed_lines(before[cast.big], after[cast.big]) == {
        line: (_line(before[cast.big], line), _line(before[cast.big], line).replace(old, new, 1))
        for line, (old, new) in expected.items()
    }
    assert by_title[issues[4].title].line not in _changed_lines(before[cast.big], after[cast.big])
    assert _states(big, [boxes[0], boxes[1], boxes[2]]) == ["open", "closed", "closed"]

    document = parse("TODO.md", before[plan])
    (finished,) = (each for each in document.stages if each.id == stage)
    places = [cell.line for cell in (finished.cell, *finished.mirrors) if cell is not None]
    assert len(places) == 2
    assert sorted(_changed_lines(before[plan], after[plan])) == sorted(places)
    assert _only_words_changed(before[plan], after[plan], document)

    document = parse("TODO.md", before[rows])
    (item,) = (each for each in document.items if each.id == requirement)
    places = [cell.line for cell in (item.cell, *item.mirrors) if cell is not None]
    assert len(places) == 2
    assert sorted(_changed_lines(before[rows], after[rows])) == sorted(places)
    assert _only_words_changed(before[rows], after[rows], document)

    assert {
        name: len(repository.log()) - commits[name] for name, repository in world.repositories.items()
    } == {name: (1 if name in (cast.big, plan, rows) else 0) for name in cast.files}

    world.sandbox.reset_counts()
    last = world.syncer("run", "--json")
    assert [each["plan"]["actions"] for each in last.json["projects"]] == [[] for _ in cast.files]
    assert world.sandbox.count().changes == 0


@pytest.mark.parametrize("after", [1, 9, 30])
def test_a_killed_import_goes_on_where_it_was(world: World, after: int) -> None:
    data = b"# Plan\n\n## Alpha\n\n" + b"".join(b"- [ ] Build part %d of the engine\n" % n for n in range(40))
    world.add("engine", {"TODO.md": data}, extra="create_grace = 0")
    repository = world.repositories["engine"]
    process = world.start("run")
    try:
        deadline = time.monotonic() + 60
        while len(repository.issues()) < after and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.002)
    finally:
        process.send_signal(signal.SIGKILL)
        said, error = process.communicate()
    assert after <= len(repository.issues()) < 40, said + error

    result = world.syncer("run", timeout=60)

    assert result.code == 0, result.out + result.err
    titles = [issue.title for issue in repository.issues()]
    assert sorted(titles) == sorted(f"Build part {n} of the engine" for n in range(40))
    assert [milestone.title for milestone in repository.milestones()] == ["Alpha"]
    assert {issue.milestone_title for issue in repository.issues()} == {"Alpha"}
    assert repository.file("TODO.md") == data
    again = world.syncer("run", "--json")
    assert again.json["projects"][0]["plan"]["actions"] == []


# -- what the tests look at --------------------------------------------------------------------------------


def _requests(world: World) -> dict[str, list[Request]]:
    """The requests since the last reset, by project."""
    found: dict[str, list[Request]] = {name: [] for name in world.repositories}
    for request in world.sandbox.requests:
        (name,) = (name for name in found if f"/acme/{name}" in request.target.replace("%2F", "/"))
        found[name].append(request)
    return found


def _planned(plan: dict[str, list[dict[str, str]]], kind: str) -> int:
    return sum(1 for action in plan["actions"] if action["kind"] == kind)


def _bound_boxes(data: bytes, titles: set[str]) -> list[Item]:
    items = parse("TODO.md", data).items
    return [
        item
        for item in items
        if item.box is not None and item.state is TaskState.OPEN and item.full_title in titles
    ]


def _set_boxes(world: World, project: str, boxes: dict[int, bytes]) -> None:
    """A person changes the first box of some lines, and pushes."""
    repository = world.repositories[project]
    lines = repository.file("TODO.md").splitlines(keepends=True)
    for number, box in boxes.items():
        line = lines[number - 1]
        start = line.index(b"[")
        lines[number - 1] = line[:start] + box + line[start + 3 :]
    repository.commit({"TODO.md": b"".join(lines)}, by="dave")


def _states(repository: RepositoryHandle, items: list[Item]) -> list[str]:
    by_title = {issue.title: issue.state for issue in repository.issues()}
    return [by_title[item.full_title] for item in items]


def _line(data: bytes, number: int) -> bytes:
    return data.splitlines(keepends=True)[number - 1]


def _changed_lines(before: bytes, after: bytes) -> dict[int, tuple[bytes, bytes]]:
    left, right = before.splitlines(keepends=True), after.splitlines(keepends=True)
    assert len(left) == len(right)
    return {n: (a, b) for n, (a, b) in enumerate(zip(left, right, strict=True), start=1) if a != b}


def _only_words_changed(before: bytes, after: bytes, document: Document) -> bool:
    """Whether nothing but the text of status cells differs."""
    cells = [cell for item in document.items for cell in (item.cell, *item.mirrors)]
    cells += [cell for stage in document.stages for cell in (stage.cell, *stage.mirrors)]
    spans = sorted({(cell.span.start, cell.span.end) for cell in cells if cell is not None})
    rest: list[bytes] = []
    position = 0
    for start, end in spans:
        rest.append(before[position:start])
        position = end
    rest.append(before[position:])
    # Whatever stands between the cells must stand there, in this order, still.
    position = 0
    for part in rest:
        found = after.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return position == len(after)
