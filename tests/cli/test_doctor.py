"""``syncer doctor`` for a good set-up and for bad ones: each finding is named with its mend."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from syncer.sandbox import Kind
from tests.cli.desk import Desk, checklist

TOKEN = "SYNCER_FORGES__MAIN__TOKEN"


def sound(desk: Desk) -> None:
    """A project with nothing wrong."""
    desk.project("rune", checklist(3))


def bad(desk: Desk) -> list[dict[str, str]]:
    """The bad findings of a doctor that ends with 2."""
    said = desk.syncer("doctor", "--json")
    assert 2 == said.code, said.out
    assert said.json["sound"] is False
    return [each for each in said.json["findings"] if each["grade"] == "bad"]


def test_a_good_set_up_is_called_so(desk: Desk) -> None:
    """Everything that was looked at is said, and nothing is written, on either side."""
    sound(desk)
    desk.sandbox.reset_counts()
    said = desk.syncer("doctor")

    assert 0 == said.code, said.out
    assert "Nothing is in the way of a run." == said.out.splitlines()[-1]
    for place in (
        "configuration",
        "state.url",
        "forges.main",
        "forges.main.token",
        "projects.rune.write_back",
        "projects.rune.roadmaps",
        "projects.rune.trackers",
    ):
        assert f"ok   {place}: " in said.out
    assert "TODO.md: 3 items, 1 stage" in said.out
    made = [each for each in desk.sandbox.requests if each.kind in (Kind.CREATION, Kind.MUTATION)]
    assert [] == made
    assert [] == desk.sandbox.github.find("acme/rune").issues()
    assert ["syncer.toml"] == [path.name for path in desk.directory.iterdir()]


def test_a_good_set_up_on_gitlab_is_called_so(desk: Desk) -> None:
    """The same there, with the token's end."""
    desk.environment[TOKEN] = desk.sandbox.gitlab.token("bot", role="maintain", expires_in=90 * 86400)
    desk.config.write_text(
        f'[forges.main]\nkind = "gitlab"\nurl = "{desk.sandbox.url}"\n'
        '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\nroadmaps = ["TODO.md"]\n'
    )
    desk.sandbox.gitlab.repository("acme/rune", files={"TODO.md": checklist(3)})
    said = desk.syncer("doctor")

    assert 0 == said.code, said.out
    assert "known as bot, good until 20" in said.out


def _no_configuration(desk: Desk) -> None:
    desk.config.write_text('[forges.main]\nkind = "github"\ntokem = "x"\n')


def _no_database(desk: Desk) -> None:
    sound(desk)
    with desk.config.open("a") as file:
        file.write('[state]\nurl = "sqlite:///nowhere/syncer.db"\n')


def _no_token(desk: Desk) -> None:
    sound(desk)
    desk.environment[TOKEN] = None


def _wrong_token(desk: Desk) -> None:
    sound(desk)
    desk.environment[TOKEN] = "ghp_wrong"


def _expired_token(desk: Desk) -> None:
    sound(desk)
    desk.environment[TOKEN] = desk.sandbox.github.token("late", role="admin", expires_in=60)
    desk.sandbox.clock.advance(61)


def _missing_scope(desk: Desk) -> None:
    sound(desk)
    desk.environment[TOKEN] = desk.sandbox.github.token("narrow", role="admin", scopes=["user"])


def _fine_grained_without_issues(desk: Desk) -> None:
    sound(desk)
    rights = {"contents": "write", "metadata": "read"}
    desk.environment[TOKEN] = desk.sandbox.github.token("fine", role="admin", permissions=rights)


def _fine_grained_without_contents(desk: Desk) -> None:
    sound(desk)
    rights = {"contents": "read", "issues": "write", "metadata": "read"}
    desk.environment[TOKEN] = desk.sandbox.github.token("fine", role="admin", permissions=rights)


def _reader(desk: Desk) -> None:
    sound(desk)
    desk.environment[TOKEN] = desk.sandbox.github.token("reader", role="read")


def _wrong_address(desk: Desk) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    desk.config.write_text(
        f'[forges.main]\nkind = "github"\nurl = "http://127.0.0.1:{port}"\n'
        '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\n'
    )


def _no_repository(desk: Desk) -> None:
    with desk.config.open("a") as file:
        file.write('[projects.rune]\nforge = "main"\nrepository = "acme/ruin"\n')


def _archived(desk: Desk) -> None:
    sound(desk)
    desk.sandbox.github.archive(desk.sandbox.github.find("acme/rune"))


def _issues_off(desk: Desk) -> None:
    sound(desk)
    desk.sandbox.github.enable_issues(desk.sandbox.github.find("acme/rune"), False)


def _no_branch(desk: Desk) -> None:
    desk.project("rune", checklist(3), 'branch = "trunk"')


def _protected(desk: Desk) -> None:
    home = desk.project("rune", checklist(3), 'write_back = "commit"')
    desk.sandbox.github.ruleset(home, "pull_request")


def _no_roadmap(desk: Desk) -> None:
    home = desk.project("rune", checklist(3))
    home.commit({"TODO.md": None, "ROADMAP.txt": b"x"})


def _unreadable(desk: Desk) -> None:
    desk.project("rune", b"- [ ] \xff\xfe broken\n")


def _leak(desk: Desk) -> None:
    desk.sandbox.github.repository("acme/open")
    with desk.config.open("a") as file:
        file.write(
            '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\nroadmaps = ["TODO.md"]\n'
            'trackers = [{forge = "main", repository = "acme/open"}]\n'
        )
    desk.sandbox.github.repository("acme/rune", files={"TODO.md": checklist(2)}, private=True)


@pytest.mark.parametrize(
    ("spoil", "place", "what", "mend"),
    [
        (_no_configuration, "configuration", "tokem", "config schema"),
        (_no_database, "state.url", "does not exist", "create"),
        (_no_token, "forges.main.token", "no token", TOKEN),
        (_wrong_token, "forges.main", "does not accept the token", TOKEN),
        (_expired_token, "forges.main", "does not accept the token", "expired"),
        (_missing_scope, "forges.main.token", "lacks the scope repo", "scope `repo`"),
        (_fine_grained_without_issues, "projects.rune.trackers", "may not write issues", "Issues: write"),
        (_fine_grained_without_contents, "projects.rune.write_back", "may not commit", "Contents: write"),
        (_reader, "projects.rune.write_back", "may not commit", "Contents: write"),
        (_wrong_address, "forges.main", "cannot be reached", "forges.main.url"),
        (_no_repository, "projects.rune.repository", "no such thing", "check the name"),
        (_archived, "projects.rune.repository", "archived", "unarchive"),
        (_issues_off, "projects.rune.trackers", "switched off", "switch them on"),
        (_no_branch, "projects.rune.branch", "trunk", "check the project's branch"),
        (_protected, "projects.rune.write_back", "by requests only", 'write_back = "auto"'),
        (_no_roadmap, "projects.rune.roadmaps", "there is no TODO.md on main", "correct the path"),
        (_unreadable, "projects.rune.roadmaps", "cannot be read", "UTF-8"),
        (_leak, "projects.rune.trackers", "public", "allow_public"),
    ],
)
def test_a_bad_set_up_is_named_with_its_mend(
    desk: Desk, spoil: Callable[[Desk], None], place: str, what: str, mend: str
) -> None:
    """One bad thing, one finding that says where, what and what to do."""
    spoil(desk)
    found = bad(desk)
    matching = [each for each in found if each["place"] == place and what in each["what"]]

    assert matching, found
    assert mend in matching[0]["mend"], matching[0]


def test_a_bad_database_does_not_hide_what_else_is_bad(desk: Desk) -> None:
    """Everything is looked at, as far as it does not rest on what is broken."""
    _no_database(desk)
    desk.sandbox.github.enable_issues(desk.sandbox.github.find("acme/rune"), False)

    assert {"state.url", "projects.rune.trackers"} == {each["place"] for each in bad(desk)}


def test_an_older_database_is_told_from_a_broken_one(desk: Desk) -> None:
    """By what mends it."""
    sound(desk)
    (desk.directory / "syncer.db").write_bytes(b"no database at all, but long enough to look like one" * 50)
    (found,) = bad(desk)

    assert "state.url" == found["place"]
    assert found["mend"]


def test_an_app_without_a_permission_is_told_which(desk: Desk) -> None:
    """Before the first write."""
    app = desk.sandbox.github.app("helper", permissions={"contents": "write"}, accounts=["acme"])
    (desk.directory / "app.pem").write_text(app.private_key)
    desk.environment[TOKEN] = None
    desk.config.write_text(
        f'[forges.main]\nkind = "github"\nurl = "{desk.sandbox.url}"\n'
        f'app = {{id = "{app.id}", private_key_file = "app.pem"}}\n'
    )
    desk.project("rune", checklist(3))
    (found,) = bad(desk)

    assert ("projects.rune.trackers", "give it Issues: write") == (found["place"], found["mend"])


def test_a_token_that_ends_soon_is_worth_a_note(desk: Desk) -> None:
    """And nothing is in the way yet."""
    sound(desk)
    desk.environment[TOKEN] = desk.sandbox.github.token("short", role="admin", expires_in=5 * 86400)
    said = desk.syncer("doctor")

    assert 0 == said.code, said.out
    assert "note forges.main.token: it ends in 4 days" in said.out


def test_a_clock_that_is_wrong_is_worth_a_note(desk: Desk) -> None:
    """With how much, and in which direction."""
    sound(desk)
    desk.sandbox.clock.advance(900)
    said = desk.syncer("doctor")

    assert 0 == said.code, said.out
    assert "s behind the forge's" in said.out


def test_a_protected_branch_is_no_fault_where_a_request_will_do(desk: Desk) -> None:
    """It is said how edits will get there."""
    sound(desk)
    desk.sandbox.github.ruleset(desk.sandbox.github.find("acme/rune"), "pull_request")
    said = desk.syncer("doctor")

    assert 0 == said.code, said.out
    assert "one rolling request from syncer/main" in said.out


def test_a_renamed_repository_is_worth_a_note(desk: Desk) -> None:
    """With its name now."""
    sound(desk)
    desk.sandbox.github.rename(desk.sandbox.github.find("acme/rune"), "acme/rune-two")
    said = desk.syncer("doctor")

    assert "acme/rune is called acme/rune-two now" in said.out


def test_a_checkout_as_source_is_looked_at_where_it_lies(desk: Desk) -> None:
    """Its roadmaps, not the ones on the forge; a configuration outside a checkout is named."""
    sound(desk)
    desk.config.write_text(desk.config.read_text() + 'source = "worktree"\n')
    (found,) = bad(desk)
    assert ("projects.rune.source", True) == (found["place"], "no git checkout" in found["what"])
    (desk.directory / "TODO.md").write_bytes(checklist(7))
    for command in (
        ["init", "-q"],
        ["add", "TODO.md"],
        ["-c", "user.name=a", "-c", "user.email=a", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=desk.directory, check=True, capture_output=True)
    said = desk.syncer("doctor")

    assert 0 == said.code, said.out
    assert "TODO.md: 7 items" in said.out


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Welcome to the intranet</html>")

    def log_message(self, *_: object) -> None:
        """Nobody wants to know."""


def test_a_web_page_instead_of_an_api_is_named(desk: Desk) -> None:
    """A wrong address that answers."""
    server = HTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    desk.config.write_text(
        f'[forges.main]\nkind = "github"\nurl = "http://127.0.0.1:{server.server_port}"\n'
        '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\n'
    )
    (found,) = bad(desk)
    server.shutdown()
    server.server_close()

    assert "forges.main" == found["place"]
    assert "forges.main.url" in found["mend"]


def test_a_certificate_that_nobody_knows_is_named(desk: Desk, tmp_path: Path) -> None:
    """With the setting that makes it known; with it, the certificate is trusted."""
    certificate, key = tmp_path / "own.pem", tmp_path / "own.key"
    subprocess.run(
        [
            *[
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ],
            *["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        ],
        check=True,
        capture_output=True,
    )
    server = HTTPServer(("127.0.0.1", 0), _Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    text = (
        f'[forges.main]\nkind = "github"\nurl = "https://127.0.0.1:{server.server_port}"\n%s'
        '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\n'
    )
    desk.config.write_text(text % "")
    (found,) = bad(desk)
    desk.config.write_text(text % 'ca_bundle = "own.pem"\n')
    (trusted,) = bad(desk)
    server.shutdown()
    server.server_close()

    assert "certificate is not trusted" in found["what"]
    assert "certificate" in found["mend"]
    assert "not what the API promises" in trusted["what"]
