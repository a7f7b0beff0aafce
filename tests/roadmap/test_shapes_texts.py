"""What stands around lists in real files, and the bytes that they are made of."""

from __future__ import annotations

import pytest

from syncer.roadmap.parse import parse
from tests.roadmap.reading import said

_SHAPES: list[tuple[str, bytes, list[str]]] = [
    (
        "frontmatter",
        b"---\ntitle: Plan\nitems:\n  - [ ] x\n---\n\n- [ ] a\n",
        ["7 task open a", "~ 4 in-front-matter"],
    ),
    (
        "frontmatter toml",
        b"+++\ntitle = 'Plan'\n+++\n- [ ] a\n",
        ["4 task open a"],
    ),
    (
        "not frontmatter",
        b"---\n\n- [ ] a\n\n---\n\n- [ ] b\n",
        ["3 task open a", "7 task open b"],
    ),
    (
        "details",
        (
            b"<details>\n<summary>More</summary>\n\n- [ ] a\n\n</details>\n\n"
            b"<details><summary>x</summary>\n- [ ] b\n</details>\n"
        ),
        ["4 task open a", "~ 9 in-html"],
    ),
    (
        "comment inline",
        (b'- [ ] a <!-- id: 12 -->\n<!-- - [ ] b -->\n- [ ] c\n  <!-- roadmap:item id="x" -->\n'),
        ["1 task open a", "3 task open c", "~ 2 in-html"],
    ),
    (
        "unclosed comment",
        b"- [ ] a\n\n<!--\n- [ ] b\n",
        ["1 task open a", "~ 4 in-html"],
    ),
    (
        "quote",
        b"> - [ ] a\n>   - [x] b\n\n> [!NOTE]\n> - [ ] c\n\n- [ ] d\n  > - [ ] e\n",
        ["7 task open d", "~ 1 in-quote", "~ 2 in-quote", "~ 5 in-quote", "~ 8 in-quote"],
    ),
    (
        "footnote",
        b"- [ ] a[^1]\n- [x] b[^note]\n\n[^1]: text\n    - [ ] inside\n",
        ["1 task open a", "2 task done b[^note]", "~ 5 in-footnote"],
    ),
    (
        "links",
        (
            b"- [ ] [a][1]\n- [ ] [b]\n- [ ] see [c](https://github.com/o/r/issues/12)\n"
            b"- [ ] d ([#12](https://github.com/o/r/issues/12))\n"
            b"- [ ] e https://gitlab.com/o/r/-/issues/3\n- [ ] f (#7)\n\n[1]: https://e.org\n"
            b"[b]: https://e.org\n"
        ),
        [
            "1 task open a",
            "2 task open b",
            "3 task open see c",
            "4 task open d",
            "5 task open e https://gitlab.com/o/r/-/issues/3",
            "6 task open f (#7)",
        ],
    ),
    (
        "link titles",
        (
            b"- [ ] [Feature](docs/f.md)\n- [ ] ![img](a.png) pic\n- [ ] <b>bold</b> html\n"
            b"- [ ] `code` only\n- [ ] <https://e.org>\n- [ ] $x^2$\n"
        ),
        [
            "1 task open Feature",
            "2 task open img pic",
            "3 task open <b>bold</b> html",
            "4 task open `code` only",
            "5 task open https://e.org",
            "6 task open $x^2$",
        ],
    ),
    (
        "definition",
        b"- [ ]: x\n- [x]: https://e.org\n- [ ]x\n- [ ](x)\n- [x](y)\n",
        [
            "! 3 no-space-after-box",
            "~ 1 link-text",
            "~ 1 plain-list",
            "~ 2 link-text",
            "~ 4 link-text",
            "~ 5 link-text",
        ],
    ),
    (
        "a box without a bullet",
        b"[x] ~~1. a~~\n[ ] 2. b\n\n- [ ] c\n",
        ["4 task open c", "~ 1 bare-box", "~ 2 bare-box"],
    ),
    (
        "escaped",
        b"\\- \\[x] a\n- \\[ ] b\n- [ ] c\n",
        ["3 task open c"],
    ),
    (
        "an HTML checkbox",
        b"- <input type=checkbox> a\n- [ ] b\n",
        ["2 task open b"],
    ),
    (
        "glued",
        b"-- [x] a\nx - [ ] b\n\n- [ ] c - [ ] d\n",
        ["4 task open c - [ ] d", "! 1 glued-checkbox", "! 2 glued-checkbox", "! 4 glued-checkbox"],
    ),
    (
        "overindented",
        b"- [ ] a\n      - [ ] b\n- [ ] c\n\n        - [ ] d\n",
        ["1 task open a", "3 task open c", "! 2 swallowed-checkbox", "~ 5 in-code"],
    ),
    (
        "invisible indentation",
        "\u200b- [ ] a\n\xa0\xa0- [ ] b\n- [ ] c\n".encode(),
        ["3 task open c", "! 1 invisible-indent", "! 2 invisible-indent"],
    ),
    (
        "no-break spaces",
        "- [ ]\xa0a\n-\xa0[ ] b\n- [\xa0] c\n- [ ] d\n".encode(),
        ["4 task open d", "! 1 no-space-after-box", "~ 3 unknown-mark"],
    ),
    (
        "emphasis boxes",
        b"- **[ ] a**\n- `[ ]` b\n- *[x]* c\n- [ ] d\n",
        ["4 task open d", "~ 1 marked-up-box", "~ 2 marked-up-box", "~ 3 marked-up-box"],
    ),
    (
        "mermaid",
        b"```mermaid\ngantt\n- [ ] a\n```\n- [ ] b\n~~~\n- [ ] c\n",
        ["5 task open b", "~ 3 in-code", "~ 7 in-code"],
    ),
    (
        "mixed EOL",
        b"- [ ] a\r\n- [x] b\n- [ ] c\r  more\r\n",
        ["1 task open a", "2 task done b", "3 task open c"],
    ),
    (
        "carriage returns only",
        b"# P\r\r- [ ] a\r- [x] b\r",
        ["3 task open a", "4 task done b"],
    ),
    (
        "CRLF",
        (
            b"# P\r\n\r\n- [ ] a\r\n  more\r\n  - [x] b\r\n\r\n| ID | Task | Status |\r\n"
            b"|-|-|-|\r\n| T-1 | c | Done |\r\n"
        ),
        ["3 group open a", "5 task done b <3", "9 requirement done T-1: c"],
    ),
    (
        "byte order mark, no final line end",
        b"\xef\xbb\xbf- [ ] a\n- [x] b",
        ["1 task open a", "2 task done b"],
    ),
    (
        "mojibake",
        ("## âœ… Phase 1 â€“ a\n\n- [ ] x â†’ y\n- [âœ…] z\n\n## ðŸš§ Phase 2 â€“ b\n\n- [ ] Ã©\n").encode(),
        [
            "3 task open x → y @Phase 1 – a",
            "8 task open é @Phase 2 – b",
            "= 1 Phase 1 – a: open 1/0",
            "= 6 Phase 2 – b: open 1/0",
            "! 1 status-conflict",
        ],
    ),
    (
        "right to left",
        "- [ ] \u200fעברית\u200f\n- [x] العربية\n".encode(),
        ["1 task open \u200fעברית\u200f", "2 task done العربية"],
    ),
    (
        "trailing blanks",
        b"- [ ] a  \n- [x] b\t\n- [ ] c \\\n  d\n",
        ["1 task open a", "2 task done b", "3 task open c"],
    ),
    (
        "ignore",
        (
            b"## A\n\n- [ ] a <!-- syncer: ignore -->\n  - [ ] sub\n- [ ] b\n\n## B\n"
            b"<!-- syncer: ignore -->\n\n- [ ] c\n"
        ),
        ["5 task open b @A", "~ 3 ignored", "~ 4 ignored", "~ 10 ignored"],
    ),
    (
        "status lines",
        (b"## Feature A\n\n**Status:** Done\n\ntext\n\n## Feature B\n\n**Status:** In progress\n"),
        [],
    ),
    (
        "field list",
        (
            b"## T1: Login\n- status: done\n- due: 2026-01-01\n- externalId: github:issue:1\n\n"
            b"## T2: Export\n- status: open\n"
        ),
        ["~ 2 plain-list", "~ 7 plain-list"],
    ),
    (
        "heading emoji",
        "# Roadmap\n\n## ✅ Login\n\n- a\n\n## 🚧 Export\n\n- b\n".encode(),
        ["~ 5 plain-list", "~ 9 plain-list"],
    ),
    (
        "empty",
        b"",
        [],
    ),
    (
        "blank",
        b"\n\n",
        [],
    ),
    (
        "prose",
        b"# Plan\n\nWe will do things.\n",
        [],
    ),
    (
        "template path (docs/templates/plan.md)",
        b"- [ ] a\n",
        ["1 task open a [stands in a template]", "! 1 template"],
    ),
]


@pytest.mark.parametrize(("name", "data", "expected"), _SHAPES, ids=[name for name, _, _ in _SHAPES])
def test_shapes_read_as_people_mean_them(name: str, data: bytes, expected: list[str]) -> None:
    """Kinds, states, stages, problems and what is left out, line by line (the notation: ``reading.said``)."""
    path = name.partition(" (")[2].rstrip(")") or "TODO.md"

    assert expected == said(parse(path, data))
