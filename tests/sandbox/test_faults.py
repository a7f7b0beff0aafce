"""Faults strike exactly the requests they are meant for, before or after the effect as promised."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import httpx
import pytest

from syncer.sandbox import Fault, Kind, RepositoryHandle, Sandbox
from syncer.sandbox.faults import Seen

CREATE = {"title": "x"}


@pytest.mark.parametrize(
    ("do", "happened"),
    [("reset", False), ("lose_answer", True)],
)
def test_a_connection_can_die_before_or_after_the_effect(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, do: str, happened: bool
) -> None:
    """The client cannot tell the two apart; the world can."""
    forge.faults.add(Fault(do, method="POST", path=r"/issues$"))
    with pytest.raises(httpx.TransportError):
        hub.post("/issues", json=CREATE)
    assert happened == bool(repo.issues())
    assert 201 == hub.post("/issues", json=CREATE).status_code
    struck = forge.requests[0]
    assert ((do,), 0, int(happened)) == (struck.faults, struck.status, struck.created)


@pytest.mark.parametrize(
    ("do", "status", "happened"),
    [
        ("bad_gateway_before", 502, False),
        ("bad_gateway_after", 502, True),
        ("unavailable", 503, False),
        ("html", 200, False),
        ("unauthorized", 401, False),
        ("forbidden", 403, False),
        ("not_found", 404, False),
        ("primary_limit", 403, False),
        ("secondary_limit", 403, False),
        ("secondary_limit_bare", 403, False),
        ("too_many_requests", 429, False),
        ("redirect", 302, False),
        ("accepted", 202, False),
    ],
)
def test_answers_can_be_replaced_before_or_after_the_effect(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, do: str, status: int, happened: bool
) -> None:
    """Each fault has its status, and either nothing or everything happened."""
    forge.faults.add(Fault(do, kind="creation", seconds=7))
    answer = hub.post("/issues", json=CREATE)
    assert (status, happened) == (answer.status_code, bool(repo.issues()))
    assert 201 == hub.post("/issues", json=CREATE).status_code


def test_the_shapes_of_replaced_answers(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Gateways speak HTML, limits carry their headers, redirects lead to another host."""
    forge.faults.add(Fault("bad_gateway_before"))
    assert hub.get("/labels").headers["content-type"].startswith("text/html")
    forge.faults.add(Fault("secondary_limit", seconds=7))
    assert "7" == hub.get("/labels").headers["retry-after"]
    forge.faults.add(Fault("secondary_limit_bare"))
    assert "retry-after" not in hub.get("/labels").headers
    forge.faults.add(Fault("primary_limit"))
    assert "0" == hub.get("/labels").headers["x-ratelimit-remaining"]
    forge.faults.add(Fault("redirect", location="http://evil.test/x"))
    assert "http://evil.test/x" == hub.get("/labels").headers["location"]
    forge.faults.add(Fault("primary_limit", kind="query"))
    query = hub.post(f"{forge.url}/graphql", json={"query": "{ viewer { login } }"})
    assert "RATE_LIMITED" == query.json()["errors"][0]["type"]


def test_the_same_faults_on_gitlab(forge: Sandbox, project: RepositoryHandle, lab: httpx.Client) -> None:
    """GitLab says the same things in its own way."""
    expected = {
        "unauthorized": (401, '{"message":"401 Unauthorized"}'),
        "forbidden": (403, '{"message":"403 Forbidden"}'),
        "primary_limit": (429, "Retry later\n"),
        "too_many_requests": (429, "Retry later\n"),
        "not_found": (404, '{"message":"404 Not Found"}'),
    }
    for do, (status, text) in expected.items():
        forge.faults.add(Fault(do, forge="gitlab"))
        answer = lab.get("/labels")
        assert (status, text) == (answer.status_code, answer.text)


def test_anything_can_stand_in_the_way(forge: Sandbox, project: RepositoryHandle, lab: httpx.Client) -> None:
    """A proxy, a spam filter or a page about maintenance says what the test wants it to."""
    spam = '{"message":{"error":"Spam detected"}}'
    forge.faults.add(Fault("respond", method="POST", status=400, text=spam, content_type="application/json"))
    forge.faults.add(Fault("respond", method="GET", status=407))
    refused = lab.post("/issues", json=CREATE)
    assert (400, "Spam detected") == (refused.status_code, refused.json()["message"]["error"])
    assert [] == project.issues()
    answer = lab.get("/issues")
    assert (407, "") == (answer.status_code, answer.text)


def test_a_body_can_be_cut_off(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """The headers promise more than comes."""
    forge.faults.add(Fault("truncate"))
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|without sending complete"):
        hub.post("/issues", json=CREATE)
    assert 1 == len(repo.issues())


@pytest.mark.parametrize(("do", "happened"), [("delay_before", False), ("delay_after", True)])
def test_requests_can_be_slow_before_or_after_the_effect(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, do: str, happened: bool
) -> None:
    """A client that gives up too early does not know what became of its request."""
    forge.faults.add(Fault(do, method="POST", seconds=0.3))
    with pytest.raises(httpx.ReadTimeout):
        hub.post("/issues", json=CREATE, timeout=0.1)
    assert happened == bool(repo.issues())
    time.sleep(0.3)
    assert 200 == hub.get("/labels").status_code


def test_the_nth_match_and_the_count(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """The first matches pass, then as many are struck as were asked for."""
    forge.faults.add(Fault("forbidden", method="get", path="/labels", nth=2, times=2))
    assert [200, 403, 403, 200] == [hub.get("/labels").status_code for _ in range(4)]
    forge.faults.add(Fault("unauthorized", times=0))
    assert [401, 401, 401] == [hub.get("/labels").status_code for _ in range(3)]
    [active] = forge.faults.listing()
    assert ("unauthorized", 3) == (active["do"], active["matched"])
    forge.faults.remove(active["id"])
    assert 200 == hub.get("/labels").status_code


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        (Fault("forbidden", method="POST"), ["create", "query", "mutation"]),
        (Fault("forbidden", kind="read"), ["read"]),
        (Fault("forbidden", kind="creation"), ["create"]),
        (Fault("forbidden", kind="write"), ["write"]),
        (Fault("forbidden", kind="query"), ["query"]),
        (Fault("forbidden", kind="any_write"), ["create", "write", "mutation"]),
        (Fault("forbidden", operation="closeIssue"), ["mutation"]),
        (Fault("forbidden", path=r"state=all"), ["read"]),
        (Fault("forbidden", forge="gitlab"), []),
    ],
)
def test_requests_are_chosen_by_kind_method_path_operation_and_forge(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client, fault: Fault, struck: list[str]
) -> None:
    """Only what matches everything that a fault names is struck."""
    issue = repo.open_issue("a")
    close = f'mutation {{ closeIssue(input: {{issueId: "{issue.id}"}}) {{ clientMutationId }} }}'
    requests: dict[str, tuple[str, str, Any]] = {
        "read": ("GET", "/issues?state=all", None),
        "create": ("POST", "/issues", CREATE),
        "write": ("PATCH", "/issues/1", CREATE),
        "query": ("POST", f"{forge.url}/graphql", {"query": "{ viewer { login } }"}),
        "mutation": ("POST", f"{forge.url}/graphql", {"query": close}),
    }
    found = []
    for name, (method, url, body) in requests.items():
        forge.faults.clear()
        forge.faults.add(fault)
        if 403 == hub.request(method, url, json=body).status_code:
            found.append(name)
    assert struck == found


def test_lists_can_lie(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """Empty, halved, or as they were some time ago, on both APIs."""
    forge.clock.freeze()
    for title in "abcd":
        repo.open_issue(title)
    forge.clock.advance(100)
    repo.issue(1).close()
    repo.open_issue("new")

    def listed() -> list[tuple[int, str]]:
        found = hub.get("/issues", params={"state": "all", "direction": "asc"}).json()
        return [(entry["number"], entry["state"]) for entry in found]

    query = '{ repository(owner: "acme", name: "rune") { issues(first: 9) { nodes { number } } } }'

    def by_query() -> list[int]:
        answer = hub.post(f"{forge.url}/graphql", json={"query": query}).json()
        return [node["number"] for node in answer["data"]["repository"]["issues"]["nodes"]]

    forge.faults.add(Fault("stale_list", seconds=50, times=2))
    assert [(1, "open"), (2, "open"), (3, "open"), (4, "open")] == listed()
    assert [1, 2, 3, 4] == by_query()
    forge.faults.add(Fault("empty_list", times=2))
    assert ([], []) == (listed(), by_query())
    forge.faults.add(Fault("partial_list", times=2))
    assert ([(1, "closed"), (2, "open")], [1, 2]) == (listed(), by_query())
    assert 5 == len(listed())


def test_a_branch_can_be_read_stale(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """A lagging replica shows the head of before."""
    old = repo.head()
    forge.clock.advance(100)
    new = repo.commit({"x.md": b"1"})
    forge.faults.add(Fault("stale_list", seconds=50))
    assert old == hub.get("/git/ref/heads/main").json()["object"]["sha"]
    assert new == hub.get("/git/ref/heads/main").json()["object"]["sha"]


def test_callbacks_see_the_request_before_and_after_its_effect(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """A test can look at the world at an exact request boundary, and change it."""
    seen: list[tuple[str, int, Kind]] = []

    def note(name: str) -> Any:
        def call(request: Seen) -> None:
            seen.append((name, len(repo.issues()), request.kind))
            if name == "after":
                repo.issue(1).close(by="alice")

        return call

    forge.faults.add(Fault("before", kind="creation", call=note("before")))
    forge.faults.add(Fault("after", kind="creation", call=note("after")))
    hub.post("/issues", json=CREATE)
    assert [("before", 0, Kind.CREATION), ("after", 1, Kind.CREATION)] == seen
    assert "closed" == repo.issue(1).state


@pytest.mark.parametrize(("do", "made"), [("before", 2), ("after", 3)])
def test_a_client_can_be_killed_at_an_exact_request(
    forge: Sandbox, repo: RepositoryHandle, do: str, made: int
) -> None:
    """The third creation's client dies before or after its effect, and never gets an answer."""
    token = forge.github.token("bot")
    script = (
        "import httpx, os, sys\n"
        "client = httpx.Client(headers={'Authorization': 'Bearer ' + sys.argv[2], "
        "'X-Client-Pid': str(os.getpid())})\n"
        "for number in range(9):\n"
        "    client.post(sys.argv[1] + '/repos/acme/rune/issues', json={'title': str(number)})\n"
    )
    gone = threading.Event()

    def kill(request: Seen) -> bool:
        assert request.pid is not None
        os.kill(request.pid, signal.SIGKILL)
        gone.set()
        return do == "after"

    forge.faults.add(Fault(do, kind="creation", nth=3, call=kill))
    child = subprocess.run([sys.executable, "-c", script, forge.url, token], timeout=30, check=False)
    assert gone.is_set()
    assert -signal.SIGKILL == child.returncode
    assert made == len(repo.issues())


def test_faults_that_make_no_sense_are_refused() -> None:
    """An unknown deed, a callback without a function, and a broken pattern."""
    with pytest.raises(ValueError, match="no fault does"):
        Fault("explode")
    with pytest.raises(ValueError, match="needs something to call"):
        Fault("before")
    with pytest.raises(Exception, match="unterminated"):
        Fault("reset", path="(")
