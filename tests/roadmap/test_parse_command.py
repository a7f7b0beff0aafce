"""``syncer parse``: what it shows, and the one clear error for whatever is no roadmap."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NoReturn

import pyromark
import pytest
from click.testing import CliRunner, Result

from syncer.cli import cli

_SAMPLE = """\
# Plan

| Phase | Name | Status | Target Date |
|-------|------|--------|-------------|
| 1 | Base | In Progress | 2026-03-06 |

## Phase 1: Base → v0.2.0

- [ ] group
  - [x] part ✅ done
- [ ] T-1: task
- [-] given up
prog- [x] glued

| ID | Requirement | Status |
|----|-------------|--------|
| REQ-1 | fast | Pending |

### Exit Criteria

- [ ] it works

## Traceability

| Requirement | Status |
|-------------|--------|
| REQ-1 | Pending |
"""


def _parse(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["parse", *arguments], catch_exceptions=False)


def _json(path: Path) -> Any:
    result = _parse(str(path), "--json")
    assert 0 == result.exit_code, result.stderr
    return json.loads(result.stdout)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "TODO.md"
    path.write_bytes(b"\xef\xbb\xbf" + _SAMPLE.replace("\n", "\r\n").encode())
    return path


def test_json_has_the_promised_keys(sample: Path) -> None:
    """The keys that programs rely on are there, and everywhere the same."""
    seen = _json(sample)

    assert {"path", "encoding", "eol", "bom", "items", "stages", "problems"} <= set(seen)
    for item in seen["items"]:
        assert {
            "kind",
            "state",
            "status_text",
            "line",
            "title",
            "id",
            "section",
            "stage",
            "parent_line",
            "mirror_lines",
            "box",
            "cell",
        } <= set(item)
    for stage in seen["stages"]:
        assert {"name", "line", "state", "due", "version", "open", "done"} <= set(stage)
    for problem in seen["problems"]:
        assert {"line", "code", "message"} == set(problem)
    assert seen["items"]
    assert seen["stages"]
    assert seen["problems"]


def test_json_tells_the_file(sample: Path) -> None:
    """Path, encoding, line end and byte order mark are the file's own."""
    seen = _json(sample)

    assert (sample.as_posix(), "utf-8", "CRLF", True) == (
        seen["path"],
        seen["encoding"],
        seen["eol"],
        seen["bom"],
    )


def test_json_tells_every_item(sample: Path) -> None:
    """Kind, state, place and words of every item, titles without their ids."""
    seen = _json(sample)["items"]

    assert [
        ("group", "open", 9, "group", None, "Phase 1: Base", None),
        ("task", "done", 10, "part", None, "Phase 1: Base", 9),
        ("task", "open", 11, "task", "T-1", "Phase 1: Base", None),
        ("task", "dropped", 12, "given up", None, "Phase 1: Base", None),
        ("requirement", "open", 17, "fast", "REQ-1", "Phase 1: Base", None),
        ("criterion", "open", 21, "it works", None, "Phase 1: Base", None),
    ] == [
        (
            each["kind"],
            each["state"],
            each["line"],
            each["title"],
            each["id"],
            each["stage"],
            each["parent_line"],
        )
        for each in seen
    ]
    assert "✅ done" == seen[1]["status_text"]
    assert ["Phase 1: Base", "Exit Criteria"] == seen[5]["section"]
    assert [27] == seen[4]["mirror_lines"]


def test_json_positions_are_byte_offsets(sample: Path) -> None:
    """What a position names are the brackets of a box, or the text of a cell."""
    data = sample.read_bytes()
    seen = _json(sample)["items"]

    def cut(span: Any) -> bytes | None:
        return data[span["start"] : span["end"]] if span is not None else None

    assert [b"[ ]", b"[x]", b"[ ]", b"[-]", None, b"[ ]"] == [cut(each["box"]) for each in seen]
    assert [None, None, None, None, b"Pending", None] == [cut(each["cell"]) for each in seen]


def test_json_tells_stages_and_problems(sample: Path) -> None:
    """The row and the heading are one stage; the glued box is a problem on its line."""
    seen = _json(sample)
    (stage,) = seen["stages"]

    assert {
        "name": "Phase 1: Base",
        "line": 7,
        "state": "in_progress",
        "due": "2026-03-06",
        "version": "v0.2.0",
        "open": 4,
        "done": 1,
    } == {key: stage[key] for key in ("name", "line", "state", "due", "version", "open", "done")}
    assert [(13, "glued-checkbox")] == [(each["line"], each["code"]) for each in seen["problems"]]


def test_people_see_lines_states_and_what_was_left_out(tmp_path: Path) -> None:
    """Without ``--json`` the same is text, with what was left out and why."""
    path = tmp_path / "TODO.md"
    path.write_text("## MVP\n\n- [ ] a\n- [x] b\n\n```\n- [ ] c\n```\n", encoding="utf-8")
    result = _parse(str(path))

    assert 0 == result.exit_code
    assert "      3  [ ] a" in result.stdout.splitlines()
    assert "in-code: stands in code" in result.stdout


# -- what is no roadmap --------------------------------------------------------------------------------

_POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)


def _refused(path: Path, *arguments: str) -> str:
    """The error of a refused file: one line that starts with its path, one that says what to do."""
    result = _parse(str(path), *arguments)
    lines = result.stderr.splitlines()

    assert (1, "") == (result.exit_code, result.stdout)
    assert 2 == len(lines), result.stderr
    assert lines[0].startswith(f"syncer: {path.as_posix()}")
    assert lines[1].startswith("  -> ")
    return lines[0]


@pytest.mark.parametrize("arguments", [[], ["--json"]])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"- [ ] a\n- [ ] caf\xe9\n", "TODO.md:2: byte 0xe9 at offset 17 is not UTF-8"),
        (b"- [ ] \xed\xa0\x80\n", "is not UTF-8"),
        ("- [ ] a\n".encode("utf-16"), "the file is UTF-16 or UTF-32"),
        (b"\xfe\xff" + "- [ ] a\n".encode("utf-16-be"), "the file is UTF-16 or UTF-32"),
        ("- [ ] a\n".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        ("- [ ] a\n".encode("utf-32"), "the file is UTF-16 or UTF-32"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"abc" * 99, "binary"),
        (b"- [ ] a\n" * 100 + b"\x00", "holds a NUL byte at offset 800: it is binary"),
        (_POINTER, "a Git LFS pointer, not the file itself"),
    ],
)
def test_bytes_that_are_no_text_are_refused(
    tmp_path: Path, data: bytes, said: str, arguments: list[str]
) -> None:
    """Nothing is guessed, nothing repaired, and the file is left alone."""
    path = tmp_path / "TODO.md"
    path.write_bytes(data)

    assert said in _refused(path, *arguments)
    assert data == path.read_bytes()


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    """Five megabytes by default, or what the option says."""
    path = tmp_path / "TODO.md"
    path.write_bytes(b"- [ ] a\n".ljust(5 * 1024 * 1024, b"\n"))
    small = tmp_path / "SMALL.md"
    small.write_bytes(b"- [ ] a\n" * 2)

    assert 0 == _parse(str(path)).exit_code
    assert "the file has 16 bytes, more than the limit of 15" in _refused(small, "--size-limit", "15")
    path.write_bytes(path.read_bytes() + b"\n")
    assert "more than the limit of 5,242,880" in _refused(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A directory, a submodule, a missing file, and something that would never end."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / ".git").write_text("gitdir: ../.git/modules/vendor\n", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.md")

    assert "is a directory, not a file" in _refused(tmp_path / "docs")
    assert "is a submodule, not a file" in _refused(tmp_path / "vendor")
    assert "there is no such file" in _refused(tmp_path / "TODO.md")
    assert "is no regular file" in _refused(tmp_path / "pipe.md")


def test_a_symbolic_link_is_never_followed(tmp_path: Path) -> None:
    """Neither to a roadmap, nor to nothing, nor in a circle."""
    (tmp_path / "TODO.md").write_text("- [ ] a\n", encoding="utf-8")
    (tmp_path / "link.md").symlink_to("TODO.md")
    (tmp_path / "dangling.md").symlink_to("gone.md")
    (tmp_path / "circle.md").symlink_to("circle.md")

    for name in ("link.md", "dangling.md", "circle.md"):
        assert "is a symbolic link" in _refused(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    """The reason is the system's own."""
    path = tmp_path / "TODO.md"
    path.write_text("- [ ] a\n", encoding="utf-8")
    path.chmod(0)

    assert "cannot be read: Permission denied" in _refused(path)


@pytest.mark.parametrize("name", ["plan.org", "plan.rst", "plan.todo", "plan.adoc"])
def test_other_formats_are_refused_by_name(tmp_path: Path, name: str) -> None:
    """What looks a little like Markdown is not read as Markdown."""
    path = tmp_path / name
    path.write_text("- [ ] a\n", encoding="utf-8")

    assert "syncer reads Markdown" in _refused(path)


def test_a_panic_of_the_parser_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser's own defect is told with the file's path."""

    class PanicException(BaseException):
        pass

    def panics(*_args: object, **_options: object) -> NoReturn:
        raise PanicException("called `Option::unwrap()` on a `None` value")

    path = tmp_path / "TODO.md"
    path.write_text("- [ ] a\n", encoding="utf-8")
    monkeypatch.setattr(pyromark, "events_with_range", panics)

    assert "the Markdown parser broke on this file: called" in _refused(path)
