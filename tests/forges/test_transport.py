from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from syncer.errors import (
    Bug,
    ConfigError,
    Garbled,
    Interrupted,
    Missing,
    Moved,
    RateLimited,
    ReadOnly,
    Rejected,
    SyncerError,
    Unauthorized,
    Unavailable,
    UnknownFate,
)
from syncer.forges import Connection, Forge
from syncer.forges.transport import Transport, carrier
from syncer.model.fields import TaskState
from syncer.model.source import CommitDraft, Entry, EntryKind
from syncer.model.tracker import (
    Cursor,
    IssueChange,
    IssueDraft,
    Label,
    MilestoneChange,
    MilestoneDraft,
)

from .fakes import (
    GITHUB,
    GITLAB,
    TOKEN,
    Diary,
    FakeClock,
    github_issue,
    github_milestone,
    github_repository,
    gitlab_issue,
    gitlab_milestone,
    gitlab_project,
    reach,
)

KINDS = ("github", "gitlab")
ISSUES = {
    "github": f"{GITHUB}/repos/acme/rune/issues",
    "gitlab": f"{GITLAB}/api/v4/projects/acme%2Frune/issues",
}
DRAFT = IssueDraft("Title", "Body", None, frozenset())
HTML = "<html><title>Login</title></html>"


def create(forge: Forge) -> object:
    return forge.tracker("acme/rune").create_issue(DRAFT)


def look(forge: Forge) -> object:
    return forge.tracker("acme/rune").issue(1)


def every_call(forge: Forge) -> list[Callable[[], object]]:
    """Every method of both ports, with arguments that reach the wire."""
    tracker, documents = forge.tracker("acme/rune"), forge.documents("acme/rune")
    draft = CommitDraft("main", "a" * 40, {"TODO.md": b"x"}, {}, "message")
    return [
        tracker.profile,
        lambda: tracker.read(Cursor()),
        lambda: tracker.read(Cursor(complete=True)),
        lambda: tracker.issue(1),
        lambda: tracker.created_since(FakeClock().now()),
        lambda: tracker.create_issue(DRAFT),
        lambda: tracker.update_issue(1, IssueChange(title="T", add_labels=frozenset({"a"}))),
        lambda: tracker.update_issue(1, IssueChange(add_labels=frozenset({"a"}))),
        lambda: tracker.update_issue(1, IssueChange(remove_labels=frozenset({"a"}))),
        lambda: tracker.update_issue(1, IssueChange(state=TaskState.DROPPED)),
        lambda: tracker.milestone(1),
        lambda: tracker.create_milestone(MilestoneDraft("M", "", None)),
        lambda: tracker.update_milestone(1, MilestoneChange(closed=True)),
        lambda: tracker.open_issues_in(1),
        lambda: tracker.ensure_label(Label("a", "ffffff")),
        lambda: tracker.state_events(1),
        lambda: tracker.title_events(1),
        lambda: documents.head("main", None),
        lambda: documents.entries("a" * 40, ["TODO.md"]),
        lambda: documents.read("a" * 40, [Entry("TODO.md", EntryKind.FILE, "b" * 40)]),
        lambda: documents.commit(draft),
        lambda: documents.is_ancestor("a" * 40, "b" * 40),
        lambda: documents.line_url("TODO.md", "a" * 40, 1),
    ]


# --- one way out -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_no_socket_is_opened_beside_the_one_client(
    kind: str, clock: FakeClock, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With sockets and urllib3 made to explode, every method of both ports still only meets respx."""

    def explode(*_: Any, **__: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", explode)
    monkeypatch.setattr(socket, "create_connection", explode)
    monkeypatch.setattr(socket, "getaddrinfo", explode)
    monkeypatch.setattr("urllib3.connectionpool.HTTPConnectionPool.urlopen", explode)
    forge = reach(kind, clock, diary)
    for call in every_call(forge):
        with respx.mock(assert_all_called=False) as router:
            router.route().mock(return_value=httpx.Response(404, json={"message": "Not Found"}))
            before = len(diary.exchanges)
            with contextlib.suppress(Missing):
                call()
            assert len(router.calls) == len(diary.exchanges) - before
            assert router.calls
    assert {404} == {exchange.status for exchange in diary.exchanges}


@pytest.mark.parametrize("kind", KINDS)
@respx.mock
def test_the_environment_is_not_consulted(
    kind: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Proxies, .netrc and certificate paths of the environment change nothing about a request."""
    netrc = tmp_path / "netrc"
    netrc.write_text(
        "machine github.example.org login x password y\nmachine gitlab.example.org login x password y\n"
    )
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://proxy.invalid:1")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    issue = github_issue() if kind == "github" else gitlab_issue()
    route = respx.get(f"{ISSUES[kind]}/1").mock(return_value=httpx.Response(200, json=issue))

    look(reach(kind, clock))

    headers = route.calls[0].request.headers
    expected = {"github": ("authorization", f"token {TOKEN}"), "gitlab": ("private-token", TOKEN)}[kind]
    assert expected[1] == headers[expected[0]]
    assert "Basic" not in headers.get("authorization", "")


@pytest.mark.parametrize("kind", KINDS)
@respx.mock
def test_cookies_are_not_kept(kind: str, clock: FakeClock) -> None:
    """A cookie that the forge sets is not sent back."""
    issue = github_issue() if kind == "github" else gitlab_issue()
    answer = httpx.Response(200, json=issue, headers={"set-cookie": "session=1; Path=/"})
    route = respx.get(f"{ISSUES[kind]}/1").mock(return_value=answer)
    forge = reach(kind, clock)

    look(forge)
    look(forge)

    assert "cookie" not in route.calls[1].request.headers


@pytest.mark.parametrize("kind", KINDS)
@respx.mock
def test_every_request_says_who_asks(kind: str, clock: FakeClock) -> None:
    """The User-Agent is ours, with the version."""
    issue = github_issue() if kind == "github" else gitlab_issue()
    route = respx.get(f"{ISSUES[kind]}/1").mock(return_value=httpx.Response(200, json=issue))

    look(reach(kind, clock))

    assert route.calls[0].request.headers["user-agent"].startswith("syncer/")


# --- redirects ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_write_is_reported_and_never_followed(
    kind: str, status: int, clock: FakeClock
) -> None:
    """No credential reaches another host, and no write another repository."""
    with respx.mock(assert_all_called=False) as router:
        router.post(ISSUES[kind]).mock(
            return_value=httpx.Response(status, headers={"location": "https://evil.example/repos/x/y/issues"})
        )
        evil = router.route(host="evil.example").mock(return_value=httpx.Response(201, json={}))
        with pytest.raises(Moved) as caught:
            create(reach(kind, clock))
        assert not evil.called
        assert 1 == len(router.calls)

    assert "https://evil.example/repos/x/y/issues" == caught.value.location


@pytest.mark.parametrize("kind", KINDS)
def test_a_redirect_to_another_host_never_carries_the_credential(kind: str, clock: FakeClock) -> None:
    """Also the one redirect that is followed, of a renamed repository, stays on its host."""
    with respx.mock(assert_all_called=False) as router:
        router.get(host=httpx.URL(ISSUES[kind]).host).mock(
            return_value=httpx.Response(301, headers={"location": "https://evil.example/api/v4/projects/7"})
        )
        evil = router.route(host="evil.example").mock(
            return_value=httpx.Response(200, json=github_repository())
        )
        with pytest.raises(Moved):
            reach(kind, clock).tracker("acme/rune").profile()
        assert not evil.called


def test_a_request_to_another_host_is_a_bug(clock: FakeClock) -> None:
    """The last lock: the transport itself refuses any host but its own."""
    transport = _transport(clock)
    for url in ("https://evil.example/x", "http://github.example.org/x", "https://github.example.org:444/x"):
        with pytest.raises(Bug):
            transport.exchange("GET", url, {}, b"")


# --- exactly one write -------------------------------------------------------------------------

Fault = httpx.Response | Exception


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (httpx.Response(500), UnknownFate),
        (httpx.Response(502, text=HTML), UnknownFate),
        (httpx.Response(503, headers={"retry-after": "1"}), UnknownFate),
        (httpx.Response(504), UnknownFate),
        (httpx.Response(429, headers={"retry-after": "1"}), RateLimited),
        (
            httpx.Response(403, headers={"retry-after": "1"}, json={"message": "secondary rate limit"}),
            RateLimited,
        ),
        (httpx.Response(201, text=HTML), UnknownFate),
        (httpx.Response(201, text='{"number": 1, "ti'), UnknownFate),
        (httpx.Response(201, text=""), UnknownFate),
        (httpx.Response(201, text='{"a": ]}'), UnknownFate),
        (httpx.Response(201, text='{"number": "one"}'), UnknownFate),
        (httpx.Response(201, text="[]"), UnknownFate),
        (httpx.Response(202, text=""), UnknownFate),
        (httpx.Response(401, json={"message": "Bad credentials"}), Unauthorized),
        (httpx.Response(422, json={"message": "no"}), Rejected),
        (httpx.ReadTimeout("too slow"), UnknownFate),
        (httpx.WriteTimeout("too slow"), UnknownFate),
        (httpx.ReadError("reset"), UnknownFate),
        (httpx.WriteError("reset"), UnknownFate),
        (httpx.CloseError("reset"), UnknownFate),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), UnknownFate),
        (httpx.ConnectError("refused"), Unavailable),
        (httpx.ConnectTimeout("too slow"), Unavailable),
        (httpx.PoolTimeout("busy"), Unavailable),
        (httpx.ProxyError("no"), Unavailable),
        (httpx.ProxyError("407 Proxy Authentication Required"), Unauthorized),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"), ConfigError),
    ],
)
def test_a_write_is_sent_exactly_once_whatever_happens(
    kind: str, fault: Fault, expected: type[SyncerError], clock: FakeClock
) -> None:
    """No library, no layer of ours repeats a POST; what may have been done is of unknown fate."""
    with respx.mock as router:
        route = router.post(ISSUES[kind])
        route.mock(
            side_effect=[fault, httpx.Response(201, json=github_issue()), httpx.Response(201, json={})]
        )
        with pytest.raises(expected):
            create(reach(kind, clock))
        assert 1 == route.call_count


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "expected", "times"),
    [
        (httpx.Response(502), Unavailable, 3),
        (httpx.Response(202, json={}), Unavailable, 3),
        (httpx.ReadTimeout("slow"), Unavailable, 3),
        (httpx.ConnectError("refused"), Unavailable, 3),
        (httpx.Response(200, text=HTML), Garbled, 2),
        (httpx.Response(200, text='{"a": ]}'), Garbled, 2),
        (httpx.Response(401, json={}), Unauthorized, 1),
        (httpx.Response(404, json={}), Missing, 1),
        (httpx.Response(429, headers={"retry-after": "3600"}), RateLimited, 1),
    ],
)
def test_a_read_is_repeated_a_few_times(
    kind: str, fault: Fault, expected: type[SyncerError], times: int, clock: FakeClock
) -> None:
    """Failures that may pass are tried again, at most three times in all; answers are final."""
    with respx.mock as router:
        route = router.get(f"{ISSUES[kind]}/1")
        route.mock(side_effect=lambda request: _raise_or_return(fault))
        with pytest.raises(expected):
            look(reach(kind, clock))
        assert times == route.call_count


@pytest.mark.parametrize("kind", KINDS)
@respx.mock
def test_a_read_heals(kind: str, clock: FakeClock) -> None:
    """One bad answer is not noticed, except by the clock: half a second was waited."""
    issue = github_issue() if kind == "github" else gitlab_issue()
    respx.get(f"{ISSUES[kind]}/1").mock(side_effect=[httpx.Response(502), httpx.Response(200, json=issue)])

    look(reach(kind, clock))

    assert [0.5] == clock.waits


@pytest.mark.parametrize("kind", KINDS)
@respx.mock
def test_a_short_rate_limit_is_waited_for_before_a_read_is_repeated(kind: str, clock: FakeClock) -> None:
    """The wait happens in the governor, as long as the forge said."""
    issue = github_issue() if kind == "github" else gitlab_issue()
    respx.get(f"{ISSUES[kind]}/1").mock(
        side_effect=[httpx.Response(429, headers={"retry-after": "20"}), httpx.Response(200, json=issue)]
    )

    look(reach(kind, clock))

    assert [20] == clock.waits


@pytest.mark.parametrize("kind", KINDS)
@respx.mock
def test_no_request_starts_after_a_stop(kind: str, clock: FakeClock) -> None:
    """A stop signal ends the pause between two attempts, and keeps the next request from being sent."""
    route = respx.get(f"{ISSUES[kind]}/1").mock(return_value=httpx.Response(502))
    forge = reach(kind, clock)

    def stop(request: httpx.Request) -> httpx.Response:
        clock.stopped = True
        return httpx.Response(502)

    route.mock(side_effect=stop)
    with pytest.raises(Interrupted):
        look(forge)
    with pytest.raises(Interrupted):
        look(forge)

    assert 1 == route.call_count


def test_a_refusal_is_a_refusal_even_if_its_reasons_are_cut_off(clock: FakeClock) -> None:
    """A connection that breaks after "422" leaves no doubt about the write."""

    class Broken(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            yield b'{"mess'
            raise httpx.ReadError("reset")

    with respx.mock as router:
        router.post(ISSUES["github"]).mock(side_effect=lambda request: httpx.Response(422, stream=Broken()))
        with pytest.raises(Rejected):
            create(reach("github", clock))


# --- read-only ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_read_only_connection_cannot_write(kind: str, clock: FakeClock) -> None:
    """Every writing method is stopped in the transport, before anything leaves; reading goes on."""
    forge = reach(kind, clock, read_only=True)
    refused = 0
    for call in every_call(forge):
        with respx.mock(assert_all_called=False) as router:
            router.route(method="GET").mock(side_effect=lambda request: _plausible(kind, request))
            writes = router.route().mock(return_value=httpx.Response(200, json={}))
            try:
                call()
            except ReadOnly:
                refused += 1
            except Garbled:
                pass  # an answer that was made up for another method
            assert not writes.called
    assert 9 == refused


# --- the library call --------------------------------------------------------------------------


def test_a_library_request_that_nobody_announced_is_a_bug() -> None:
    """PyGithub's connection classes are process-wide: outside a call of ours they refuse to work."""
    from github import Github

    reach("github", FakeClock())
    with pytest.raises(Bug):
        Github().get_user("alice")
    with pytest.raises(Bug):
        carrier()


@respx.mock
def test_a_second_or_different_request_inside_a_call_is_a_bug(clock: FakeClock) -> None:
    """A hidden request of a library cannot leave."""
    respx.get(f"{GITHUB}/a").mock(return_value=httpx.Response(200, json={}))
    transport = _transport(clock)
    with transport.carrying("GET", f"{GITHUB}/a"):
        transport.session.get(f"{GITHUB}/a", headers={"Accept": "application/json"})
        with pytest.raises(Bug, match="twice"):
            transport.session.get(f"{GITHUB}/a")
    with transport.carrying("GET", f"{GITHUB}/a"), pytest.raises(Bug, match="inside another call"):
        transport.session.get(f"{GITHUB}/b")
    with transport.carrying("GET", f"{GITHUB}/a"), pytest.raises(Bug, match="inside another call"):
        transport.session.delete(f"{GITHUB}/a")


@respx.mock
def test_threads_do_not_mix_their_requests(clock: FakeClock) -> None:
    """Two hundred issues created by eight threads arrive as two hundred different ones."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        title = json.loads(request.content)["title"]
        seen.append(title)
        return httpx.Response(201, json=github_issue(int(title), title=title))

    respx.post(ISSUES["github"]).mock(side_effect=answer)
    tracker = reach("github", clock).tracker("acme/rune")
    wrong: list[str] = []

    def work(start: int) -> None:
        for number in range(start, start + 25):
            made = tracker.create_issue(IssueDraft(str(number), "", None, frozenset()))
            if made.title != str(number):
                wrong.append(made.title)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 200, 25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == wrong
    assert sorted(map(str, range(200))) == sorted(seen)


# --- answers -----------------------------------------------------------------------------------


@respx.mock
def test_compressed_answers_are_read(clock: FakeClock) -> None:
    """Content encodings are undone before anybody looks."""
    body = gzip.compress(b'{"login": "alice"}')
    respx.get(f"{GITHUB}/user").mock(
        return_value=httpx.Response(200, content=body, headers={"content-encoding": "gzip"})
    )
    answer = _transport(clock).exchange("GET", f"{GITHUB}/user", {"Accept": "application/json"}, b"")

    assert b'{"login": "alice"}' == answer.body


@respx.mock
def test_an_answer_that_drips_for_ever_is_given_up(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline is for the whole answer, not only for silence."""
    ticks = iter(range(0, 10_000, 50))
    monkeypatch.setattr("syncer.forges.transport.time.monotonic", lambda: float(next(ticks)))
    respx.get(f"{GITHUB}/user").mock(return_value=httpx.Response(200, content=iter([b"{"] * 100)))
    with pytest.raises(Garbled, match="took more than"):
        _transport(clock).exchange("GET", f"{GITHUB}/user", {}, b"")


@respx.mock
def test_an_onlooker_hears_of_each_request(clock: FakeClock, diary: Diary) -> None:
    """Requests are reported with status, size and error, and without content."""
    respx.get(f"{ISSUES['github']}/1").mock(return_value=httpx.Response(404, json={"message": "Not Found"}))
    with pytest.raises(Missing):
        look(reach("github", clock, diary))

    exchange = diary.exchanges[0]
    assert ("main", "GET", "/api/v3/repos/acme/rune/issues/1") == (
        exchange.forge,
        exchange.method,
        exchange.path,
    )
    assert (404, False, False, "Missing") == (
        exchange.status,
        exchange.write,
        exchange.conditional,
        exchange.error,
    )
    assert exchange.received > 0


def _transport(clock: FakeClock) -> Transport:
    return Transport(Connection("main", "github", url=GITHUB), clock, learn=lambda headers, error: None)


def _raise_or_return(fault: Fault) -> httpx.Response:
    if isinstance(fault, Exception):
        raise fault
    return httpx.Response(fault.status_code, headers=fault.headers, content=fault.content)


def _plausible(kind: str, request: httpx.Request) -> httpx.Response:
    """An answer that lets a method go on to its write."""
    path = request.url.path
    github = kind == "github"
    if path.endswith(("/rune", "%2Frune")):
        return httpx.Response(200, json=github_repository() if github else gitlab_project())
    if path.endswith("/issues/1"):
        return httpx.Response(200, json=github_issue() if github else gitlab_issue())
    if "/milestones/1" in path and not path.endswith("issues"):
        return httpx.Response(200, json=github_milestone() if github else gitlab_milestone())
    if "/branches/" in path:
        return httpx.Response(200, json={"commit": {"id": "a" * 40}})
    return httpx.Response(200, json=[])
