"""The server starts at once, answers quickly, and stops without waiting for anybody."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import httpx
import pytest

from syncer.sandbox import RepositoryHandle, Sandbox

from .conftest import github_client


def test_starting_and_stopping_take_less_than_a_second() -> None:
    """A sandbox is there at once and gone at once, even while a client holds a connection open."""
    starts, stops = [], []
    for _ in range(3):
        began = time.perf_counter()
        with Sandbox() as forge, httpx.Client() as client:
            assert 200 == client.get(forge.url).status_code
            began_to_stop = time.perf_counter()
            starts.append(began_to_stop - began)
        stops.append(time.perf_counter() - began_to_stop)
    assert min(starts) < 1
    assert min(stops) < 1


def test_a_given_port_is_used(forge: Sandbox) -> None:
    """A sandbox can be told where to listen, and refuses a port that is taken."""
    with pytest.raises(OSError, match="Address already in use"):
        Sandbox(port=forge.port)


def test_a_page_of_a_hundred_issues_takes_a_few_milliseconds(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """Listing stays quick with a thousand issues behind the page; client and server together are timed."""
    milestone = repo.create_milestone("MVP")
    for number in range(1000):
        repo.open_issue(f"item {number}", "text " * 50, labels=["roadmap"], milestone=milestone)
    times = []
    for _ in range(7):
        began = time.process_time()
        answer = hub.get("/issues", params={"per_page": 100})
        times.append(time.process_time() - began)
        assert 100 == len(answer.json())
    assert min(times) < 0.05


def test_many_clients_at_once_are_served(forge: Sandbox, repo: RepositoryHandle) -> None:
    """Issues created from several threads each get a number of their own."""
    token = forge.github.token("bot")
    numbers: list[int] = []

    def work() -> None:
        with github_client(forge, token) as client:
            for _ in range(10):
                answer = client.post("/repos/acme/rune/issues", json={"title": "x"})
                numbers.append(answer.json()["number"])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(range(1, 81)) == sorted(numbers)


def test_the_clock_is_the_servers_own(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Frozen and advanced, the clock stamps answers and issues alike."""
    forge.clock.freeze(datetime(2026, 3, 6, 12, 0, 0, 900_000, tzinfo=UTC))
    answer = hub.post("/issues", json={"title": "x"})
    assert "2026-03-06T12:00:00Z" == answer.json()["created_at"]
    assert "Fri, 06 Mar 2026 12:00:00 GMT" == answer.headers["date"]

    forge.clock.advance(3600)
    repo.issue(1).comment("later")
    assert "2026-03-06T13:00:00Z" == hub.get("/issues/1").json()["updated_at"]

    forge.clock.resume()
    assert forge.clock.now() > datetime(2026, 3, 6, 13, 0, 0, 900_000, tzinfo=UTC)


def test_a_failure_of_the_sandbox_itself_is_not_swallowed() -> None:
    """A bug in a handler answers 500 and is raised when the sandbox is left."""
    with pytest.raises(RuntimeError, match="the sandbox failed"), Sandbox() as forge:  # noqa: PT012
        repo = forge.github.repository("acme/rune", files={"a.md": b""})
        repo.model.store.trees.clear()
        with github_client(forge) as client:
            assert 500 == client.get("/repos/acme/rune/git/trees/main").status_code
