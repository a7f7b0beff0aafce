"""No secret ever leaves the process, whatever the command and whatever goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from syncer.sandbox import Sandbox
from tests.traffic import RECORD_TO

_SCRIPT = """
import json, sys, traceback
from syncer.cli import main
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["syncer", *arguments]
    try:
        main()
    except SystemExit as end:
        print(f"<{' '.join(arguments)}: {end.code}>", flush=True)
"""
ROADMAP = b"# Plan\n\n## Alpha\n\n- [ ] Draw the map\n- [ ] Fold the map\n"


def _syncer(directory: Path, environment: dict[str, str], *calls: str) -> str:
    """Everything that some calls print, in one process as their users would start it."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, json.dumps([call.split() for call in calls])],
        cwd=directory,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout + done.stderr


def _configuration(url: str) -> str:
    return f"""
[forges.main]
kind = "github"
url = "{url}"
webhook_secrets = ["planted-webhook-1", "planted-webhook-2"]

[forges.filed]
kind = "gitlab"
url = "{url}"
token_file = "token.txt"
webhook_secrets_file = "webhooks.txt"

[forges.behind]
kind = "github"
url = "http://forge.example.test"
token = "planted-inline-token"
proxy = "http://planted-user:planted-proxy-password@127.0.0.1:1"

[forges.app]
kind = "github"
url = "{url}"

[forges.app.app]
id = "1"
private_key = "planted-private-key"

[serve]
status_token = "planted-status-token"

[projects.rune]
forge = "main"
repository = "acme/rune"
roadmaps = ["TODO.md"]

[projects.filed]
forge = "filed"
repository = "acme/filed"
roadmaps = ["TODO.md"]

[projects.behind]
forge = "behind"
repository = "acme/behind"

[projects.app]
forge = "app"
repository = "acme/app"

[projects.refused]
forge = "main"
repository = "acme/refused"
roadmaps = ["*.md"]
"""


def test_planted_secrets_are_in_no_output_no_plan_and_no_database(tmp_path: Path) -> None:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        token = sandbox.github.token("syncer-bot", role="admin")
        file_token = sandbox.gitlab.token("syncer-bot", role="admin")
        (tmp_path / "token.txt").write_text(file_token + "\n")
        (tmp_path / "webhooks.txt").write_text("planted-webhook-3\n")
        (tmp_path / "syncer.toml").write_text(_configuration(sandbox.url))
        sandbox.github.repository("acme/rune", files={"TODO.md": ROADMAP})
        sandbox.gitlab.repository("acme/filed", files={"TODO.md": ROADMAP})

        said = _syncer(
            tmp_path,
            {"SYNCER_FORGES__MAIN__TOKEN": token},
            "run --dry-run -p rune",
            "run --dry-run --json -p behind -p app",
            "plan -o plan.json -p rune -p refused",
            "run -p rune -p filed -p app -p refused",
            "run --json -p filed -p refused",
            "status",
            "status --json",
            "history rune",
            "check --json -p rune",
            "config show",
            "run -p nobody",
        )

    assert "<run -p rune -p filed -p app -p refused: 1>" in said
    assert "rune: acme/rune (TODO.md)" in said
    assert "Done: 4 changes." in said
    for failed in ("behind", "app", "refused"):
        assert f"syncer: {failed}: " in said
    kept = {
        file.name: file.read_bytes()
        for file in tmp_path.iterdir()
        if file.is_file() and file.name not in _INPUTS
    }
    assert {"plan.json", "syncer.db"} <= set(kept)
    for secret in (token, file_token, "planted-"):
        for line in said.splitlines():
            assert secret not in line
        assert [name for name, data in kept.items() if secret.encode() in data] == []


_INPUTS = ("syncer.toml", "token.txt", "webhooks.txt")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://syncer:planted-database-password@127.0.0.1:1/syncer",
        "postgresql://syncer:planted%2Ddatabase-password@127.0.0.1:1/syncer",
        "postgresql://127.0.0.1:1/syncer?user=syncer&password=planted-database-password",
        "mysql://syncer:planted-database-password@127.0.0.1:1/syncer",
        "planted-database-password",
    ],
    ids=["postgresql", "escaped", "query", "unsupported", "nonsense"],
)
def test_the_password_of_the_database_is_not_told(tmp_path: Path, url: str) -> None:
    (tmp_path / "syncer.toml").write_text(
        f'[state]\nurl = "{url}"\n[forges.main]\nkind = "github"\n'
        '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\n'
    )

    said = _syncer(tmp_path, {}, "config show", "status")

    assert "<config show: 0>" in said
    assert "<status: 1>" in said
    if "//" in url:  # else it is where a path would be
        assert "planted" not in said


def test_a_secret_that_somebody_wrote_into_a_roadmap_is_masked(tmp_path: Path) -> None:
    with Sandbox(record_to=RECORD_TO) as sandbox:
        token = sandbox.github.token("syncer-bot", role="admin")
        (tmp_path / "syncer.toml").write_text(
            f'[forges.main]\nkind = "github"\nurl = "{sandbox.url}"\n'
            '[projects.rune]\nforge = "main"\nrepository = "acme/rune"\nroadmaps = ["TODO.md"]\n'
        )
        roadmap = b"# Plan\n\n- [ ] Rotate " + token.encode() + b"\n"
        sandbox.github.repository("acme/rune", files={"TODO.md": roadmap})
        said = _syncer(
            tmp_path,
            {"SYNCER_FORGES__MAIN__TOKEN": token},
            "run --dry-run",
            "run --dry-run --json",
            "plan -o plan.json",
        )

    assert '+ issue "Rotate [secret]"' in said
    assert token not in said
    assert token not in (tmp_path / "plan.json").read_text()


def test_even_a_defect_is_told_without_secrets(tmp_path: Path) -> None:
    """The last resort: whatever is printed passes the mask."""
    script = """
import sys
import syncer.cli
from syncer.logs import REDACTOR
REDACTOR.add("planted-token")
def broken(**_):
    raise RuntimeError("no idea what to do with planted-token")
syncer.cli.cli = broken
syncer.cli.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "RuntimeError: no idea what to do with [secret]" in done.stderr
    assert "planted" not in done.stderr
    assert done.stderr.endswith("syncer: this is a defect of syncer; please report it\n")
