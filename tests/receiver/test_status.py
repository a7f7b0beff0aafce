"""Health, readiness, metrics and status, and who may see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from syncer.daemon.board import Row, Stand
from syncer.daemon.daemon import Reload
from syncer.daemon.flights import LaneView, Phase
from syncer.observability.metrics import Metrics, ProjectNumbers, Snapshot
from syncer.receiver.app import application
from syncer.receiver.listener import Listener
from syncer.receiver.status import Status

SEEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Painted:
    """A daemon that only looks like one."""

    def __init__(self) -> None:
        self.reload_state = Reload(SEEN.timestamp())
        self.alive = True
        self.broken: Mapping[str, str] = {"typo": "roadmap: is no setting"}
        self.why = ""

    def ready(self) -> str:
        return self.why

    def rows(self) -> list[Row]:
        lane = LaneView("rune", Phase.PARKED, SEEN, 2, "the token s3cret-token is wrong", "give another")
        stand = Stand("run-1", SEEN, "failed", SEEN, {"conflict": 2, "question": 1}, 3, ("too many",))
        return [Row("rune", stand, lane, SEEN)]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("s3cret-token", "[secret]")
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, list) else value


@pytest.fixture
def daemon() -> Painted:
    return Painted()


@pytest.fixture(params=["", "a status token"])
def token(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client(daemon: Painted, token: str) -> Iterator[httpx.Client]:
    metrics = Metrics(projects=1)
    numbers = (
        ProjectNumbers("a", "resting", 100.0, 1, 0, 2, 0, 0),
        ProjectNumbers("b", "parked", 0.0, 0, 1, 3, 5, 2),
    )
    metrics.watch(lambda: Snapshot(160.0, 1, 2, ("resting", "parked"), numbers, (("main", 1.5),), ("h",)))
    status = Status(daemon, metrics, token=token, clean=_clean)
    listener = Listener("127.0.0.1:0", application(None, status), setting="serve.listen")
    listener.start()
    with httpx.Client(base_url=listener.url, trust_env=False) as made:
        yield made
    listener.stop()


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


def test_health_and_readiness_need_no_token_and_say_nothing_more(
    client: httpx.Client, daemon: Painted
) -> None:
    assert (client.get("/healthz").status_code, client.get("/readyz").text) == (200, "ready\n")

    daemon.alive, daemon.why = False, "the database at /secret/place is gone"

    assert client.get("/healthz").status_code == 503
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready\n")


@pytest.mark.parametrize("path", ["/metrics", "/status.json"])
def test_metrics_and_status_want_the_token_where_there_is_one(
    client: httpx.Client, token: str, path: str
) -> None:
    assert client.get(path, headers=_bearer(token)).status_code == 200
    without = client.get(path)
    wrong = client.get(path, headers={"authorization": "Bearer something else"})
    basic = client.get(path, headers={"authorization": f"Basic {token or 'none'}"})

    expected = 401 if token else 200
    assert {without.status_code, wrong.status_code, basic.status_code} == {expected}
    if token:
        assert without.headers["www-authenticate"] == 'Bearer realm="syncer"'


def test_status_says_where_every_project_stands_and_what_to_do(client: httpx.Client, token: str) -> None:
    said = client.get("/status.json", headers=_bearer(token)).json()

    assert said["configuration"]["left_out"] == {"typo": "roadmap: is no setting"}
    (project,) = said["projects"]
    assert project == {
        "project": "rune",
        "phase": "parked",
        "reason": "the token [secret] is wrong",
        "remedy": "give another",
        "failures": 2,
        "due": "2026-03-02T09:00:00+00:00",
        "next_look": "2026-03-02T09:00:00+00:00",
        "last_run": "run-1",
        "last_outcome": "failed",
        "last_run_at": "2026-03-02T09:00:00+00:00",
        "last_success_at": "2026-03-02T09:00:00+00:00",
        "held": ["too many"],
        "conflicts": 2,
        "questions": 1,
        "outstanding": 3,
        "drift": 6,
    }


def test_metrics_have_series_for_so_many_projects_and_sums_for_all(client: httpx.Client, token: str) -> None:
    lines = client.get("/metrics", headers=_bearer(token)).text.splitlines()

    assert 'syncer_project_conflicts{project="a"} 1.0' in lines
    assert not any('project="b"' in line for line in lines)
    assert "syncer_drift_items 5.0" in lines
    assert "syncer_held_plans 1.0" in lines
    assert "syncer_longest_lag_seconds 60.0" in lines
    assert "syncer_projects_never_synced 1.0" in lines
    assert 'syncer_projects{phase="parked"} 1.0' in lines
    assert 'syncer_forge_wait_seconds{forge="main"} 1.5' in lines
    assert 'syncer_forge_resting{host="h"} 1.0' in lines


def test_there_are_no_webhooks_on_the_operators_listener(client: httpx.Client) -> None:
    assert client.post("/webhooks/hub").status_code == 404


def test_an_occupied_port_is_said_before_anything_begins() -> None:
    first = Listener("127.0.0.1:0", application(None, None), setting="serve.listen")

    with pytest.raises(Exception, match=r"serve\.listen: 127\.0\.0\.1:\d+: nobody can listen there"):
        Listener(f"127.0.0.1:{first.port}", application(None, None), setting="serve.listen")

    first.stop()
