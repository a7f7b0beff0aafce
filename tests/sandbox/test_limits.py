"""Rate limits: the headers of every answer, and each way of being told to wait."""

from __future__ import annotations

import httpx

from syncer.sandbox import Fault, Limits, RepositoryHandle, Sandbox

from .conftest import github_client


def test_nothing_is_limited_unless_asked_for(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """A thousand creations go through, and the headers still say how much is left."""
    for _ in range(600):
        answer = hub.post("/issues", json={"title": "x"})
        assert 201 == answer.status_code
    assert "core" == answer.headers["x-ratelimit-resource"]
    assert 600 == int(answer.headers["x-ratelimit-used"])
    assert int(answer.headers["x-ratelimit-remaining"]) > 100_000


def test_an_enterprise_host_does_not_count_unless_it_has_limits(
    forge: Sandbox, repo: RepositoryHandle
) -> None:
    """Without limits there are no headers about them, and nothing to ask for."""
    query = {"query": "{ viewer { login } rateLimit { limit } }"}
    with github_client(forge, forge.github.token("bot"), "/api/v3") as client:
        assert "x-ratelimit-limit" not in client.get("/repos/acme/rune").headers
        answer = client.get("/rate_limit")
        assert (404, "Rate limiting is not enabled.") == (answer.status_code, answer.json()["message"])
        assert client.post(f"{forge.url}/api/graphql", json=query).json()["data"]["rateLimit"] is None
        forge.set_limits(Limits.real())
        assert "5000" == client.get("/repos/acme/rune").headers["x-ratelimit-limit"]
        assert 5000 == client.get("/rate_limit").json()["resources"]["core"]["limit"]


def test_the_primary_limit_of_github(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """403 with nothing remaining until the reset; asking what is left stays free."""
    forge.set_limits(Limits(requests_per_hour=3))
    used = [hub.get("/labels").headers["x-ratelimit-used"] for _ in range(3)]
    assert ["1", "2", "3"] == used
    answer = hub.get("/labels")
    assert (403, "0") == (answer.status_code, answer.headers["x-ratelimit-remaining"])
    assert "API rate limit exceeded for user ID" in answer.json()["message"]
    assert "retry-after" not in answer.headers
    left = hub.get(f"{forge.url}/rate_limit").json()["resources"]["core"]
    assert (3, 3, 0) == (left["limit"], left["used"], left["remaining"])
    wait = int(answer.headers["x-ratelimit-reset"]) - forge.clock.now().timestamp()
    assert 3500 < wait <= 3601
    forge.clock.advance(wait + 1)
    assert 200 == hub.get("/labels").status_code


def test_all_tokens_of_a_user_share_one_limit(forge: Sandbox, repo: RepositoryHandle) -> None:
    """A second token of the same user buys nothing, another user's does."""
    forge.set_limits(Limits(requests_per_hour=2))
    first, second, other = (forge.github.token(login) for login in ("bot", "bot", "else"))
    statuses = []
    for token in (first, first, second, other):
        with github_client(forge, token) as client:
            statuses.append(client.get("/repos/acme/rune").status_code)
    assert [200, 200, 403, 200] == statuses


def test_graphql_says_that_it_is_used_up_in_a_200(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """The status is fine, the errors are not, and REST goes on."""
    forge.set_limits(Limits(graphql_per_hour=1))
    query = {"query": "{ viewer { login } }"}
    assert "data" in hub.post(f"{forge.url}/graphql", json=query).json()
    answer = hub.post(f"{forge.url}/graphql", json=query)
    assert (200, "0", "graphql") == (
        answer.status_code,
        answer.headers["x-ratelimit-remaining"],
        answer.headers["x-ratelimit-resource"],
    )
    assert "RATE_LIMITED" == answer.json()["errors"][0]["type"]
    assert 200 == hub.get("/labels").status_code


def test_content_creation_is_limited_by_minute_and_by_hour(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """The limits slide: a minute later there is room for as many again, until the hour is full."""
    forge.clock.freeze()
    forge.set_limits(Limits(creations_per_minute=3, creations_per_hour=5))

    def create() -> int:
        return hub.post("/issues", json={"title": "x"}).status_code

    assert [201, 201, 201, 403] == [create() for _ in range(4)]
    answer = hub.post("/milestones", json={"title": "x"})
    assert (403, "60") == (answer.status_code, answer.headers["retry-after"])
    assert "temporarily blocked from content creation" in answer.json()["message"]
    assert 200 == hub.get("/labels").status_code
    assert 201 == hub.post("/labels", json={"name": "x"}).status_code
    forge.clock.advance(61)
    assert [201, 201, 403] == [create() for _ in range(3)]
    forge.clock.advance(3600)
    assert 201 == create()
    assert 6 == len(repo.issues())


def test_points_per_minute_and_the_shapes_of_secondary_limits(
    forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client
) -> None:
    """A write costs five points of its endpoint; the refusal is 403 or 429, with or without a hint."""
    repo.open_issue("a")
    forge.set_limits(Limits(points_per_minute=6, secondary_status=429, secondary_retry_after=None))
    assert 200 == hub.patch("/issues/1", json={"title": "b"}).status_code
    answer = hub.patch("/issues/1", json={"title": "c"})
    assert 429 == answer.status_code
    assert "You have exceeded a secondary rate limit" in answer.json()["message"]
    assert "retry-after" not in answer.headers
    assert "b" == repo.issue(1).title


def test_too_many_requests_at_once(forge: Sandbox, repo: RepositoryHandle, hub: httpx.Client) -> None:
    """While one request is under way the next one is refused, if only one may be."""
    import threading

    forge.set_limits(Limits(concurrent=1))
    inside, go_on = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        inside.set()
        go_on.wait(10)

    forge.faults.add(Fault("before", path="/labels", call=hold))
    slow = threading.Thread(target=lambda: hub.get("/labels"))
    slow.start()
    assert inside.wait(10)
    with github_client(forge, hub.headers["Authorization"].removeprefix("Bearer ")) as second:
        assert 403 == second.get("/repos/acme/rune").status_code
    go_on.set()
    slow.join()
    assert 200 == hub.get("/labels").status_code


def test_gitlab_counts_per_minute_and_says_later_in_plain_text(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """429 has a text body and says when to come back; the headers count along."""
    forge.set_limits(Limits(gitlab_per_minute=2))
    first = lab.get("/labels")
    assert ("2", "1", "1") == (
        first.headers["ratelimit-limit"],
        first.headers["ratelimit-observed"],
        first.headers["ratelimit-remaining"],
    )
    lab.get("/labels")
    answer = lab.get("/labels")
    assert (429, "Retry later\n") == (answer.status_code, answer.text)
    assert answer.headers["content-type"].startswith("text/plain")
    assert 0 < int(answer.headers["retry-after"]) <= 60
    forge.clock.advance(61)
    assert 200 == lab.get("/labels").status_code


def test_gitlab_limits_issues_and_notes_of_their_own(
    forge: Sandbox, project: RepositoryHandle, lab: httpx.Client
) -> None:
    """The application refuses without saying for how long."""
    forge.set_limits(Limits(gitlab_issues_per_minute=1, gitlab_notes_per_minute=1))
    assert 201 == lab.post("/issues", json={"title": "a"}).status_code
    answer = lab.post("/issues", json={"title": "b"})
    assert 429 == answer.status_code
    assert "retry-after" not in answer.headers
    assert "requested too many times" in answer.json()["message"]["error"]
    assert 201 == lab.post("/issues/1/notes", json={"body": "x"}).status_code
    assert 429 == lab.post("/issues/1/notes", json={"body": "x"}).status_code


def test_the_real_numbers_are_at_hand() -> None:
    """The published limits of the public forges."""
    real = Limits.real()
    assert (5_000, 80, 500, 900, 2_000, 200) == (
        real.requests_per_hour,
        real.creations_per_minute,
        real.creations_per_hour,
        real.points_per_minute,
        real.gitlab_per_minute,
        real.gitlab_issues_per_minute,
    )
