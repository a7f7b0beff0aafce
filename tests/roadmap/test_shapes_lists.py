"""How real checklists are written, and what is read of them: marks, legends, bullets, suffixes."""

from __future__ import annotations

import pytest

from syncer.roadmap.parse import parse
from tests.roadmap.reading import said

_SHAPES: list[tuple[str, bytes, list[str]]] = [
    (
        "a legend in a list",
        (
            b"## Legend\n\n- [ ] Planned\n- [~] In progress\n- [x] Done\n- [-] Cancelled\n"
            b"- [>] Deferred\n\n## Tasks\n\n- [~] a\n- [>] b\n- [-] c\n- [ ] d\n"
        ),
        [
            "11 task in_progress a @Tasks",
            "12 task dropped b @Tasks",
            "13 task dropped c @Tasks",
            "14 task open d @Tasks",
            "~ 3 legend",
            "~ 4 legend",
            "~ 5 legend",
            "~ 6 legend",
            "~ 7 legend",
        ],
    ),
    (
        "a legend in Turkish",
        ("## Durum\n\n- [ ] Planlandı\n- [⏳] Devam\n\n## İşler\n\n- [ ] bir\n- [x] iki\n").encode(),
        ["8 task open bir @İşler", "9 task done iki @İşler", "~ 3 legend", "~ 4 unknown-mark"],
    ),
    (
        "a legend in one line",
        b"Legend: `[ ]` todo, `[~]` skipped, `[x]` done\n\n- [~] a\n- [ ] b\n",
        ["3 task dropped a", "4 task open b"],
    ),
    (
        "a status key in one line",
        (
            "Status key: [x] done · [~] in progress · [-] dropped · [ ] open\n\n- [~] a\n- [-] b\n- [ ] b\n"
        ).encode(),
        ["3 task in_progress a", "4 task dropped b", "5 task open b"],
    ),
    (
        "a legend in a table",
        (
            b"## Legend\n\n| Mark | Meaning |\n|--|--|\n| `[~]` | skipped |\n| `[x]` | done |\n"
            b"\n## T\n\n- [~] a\n- [ ] b\n"
        ),
        ["10 task dropped a @T", "11 task open b @T", "~ 3 plain-table"],
    ),
    (
        "a list of nothing but status words",
        b"- [ ] Todo\n- [~] In progress\n- [x] Done\n\n# Plan\n\n- [ ] a\n",
        ["7 task open a", "~ 1 legend", "~ 2 legend", "~ 3 legend"],
    ),
    (
        "a legend of code spans",
        (b"## Status Key\n\n- `[ ]` open\n- `[~]` deferred\n- `[x]` done\n\n## Work\n\n- [~] a\n- [x] b\n"),
        [
            "9 task dropped a @Work",
            "10 task done b @Work",
            "~ 3 marked-up-box",
            "~ 3 plain-list",
            "~ 5 marked-up-box",
        ],
    ),
    (
        "emoji bullets",
        "## Features\n\n- ✅ login\n- 🚧 export\n- ⬜ import\n- ❌ fax\n".encode(),
        ["~ 3 status-bullets"],
    ),
    (
        "statements",
        "- ✅ login\n- ✅ export\n- ✅ x\n".encode(),
        ["~ 1 statements"],
    ),
    (
        "heading boxes",
        (
            b"# Plan\n\n### [ ] First thing\n\ntext\n\n- [ ] sub\n\n### [x] Second thing\n\n"
            b"### [ ] [T-001] Third\n"
        ),
        [
            "3 group open First thing",
            "7 task open sub <3 @First thing",
            "9 task done Second thing",
            "11 task open T-001: Third",
        ],
    ),
    (
        "one box in a heading",
        b"# Plan\n\n### [ ] First thing\n\n- [ ] a\n",
        ["5 task open a @First thing", "~ 3 heading-box"],
    ),
    (
        "boxes in headings of stages",
        (b"# Plan\n\n## [x] Phase 1: A\n\n- [x] a\n\n## [ ] Phase 2: B\n\n- [ ] b\n"),
        [
            "5 task done a @Phase 1: A",
            "9 task open b @Phase 2: B",
            "= 3 Phase 1: A: done 0/1",
            "= 7 Phase 2: B: open 1/0",
        ],
    ),
    (
        "several empty brackets",
        b"- [] a\n- [] b\n- [x] c\n- [] d\n",
        ["1 task open a", "2 task open b", "3 task done c", "4 task open d"],
    ),
    (
        "one pair of empty brackets",
        b"- [] a\n",
        ["~ 1 empty-brackets"],
    ),
    (
        "numbered",
        b"1. [x] a\n2. [ ] b\n10) [ ] c\n",
        ["1 task done a", "2 task open b", "3 task open c"],
    ),
    (
        "cyrillic",
        "- [х] a\n- [Х] b\n- [×] c\n- [v] d\n- [*] e\n- [V] f\n".encode(),
        [
            "1 task done a",
            "2 task done b",
            "3 task done c",
            "~ 4 unknown-mark",
            "~ 5 unknown-mark",
            "~ 6 unknown-mark",
        ],
    ),
    (
        "word boxes",
        "- [todo] a\n- [done] b\n- [废弃] c\n".encode(),
        ["~ 1 plain-list", "~ 1 unknown-mark", "~ 2 unknown-mark", "~ 3 unknown-mark"],
    ),
    (
        "marks",
        (
            "- [>] a\n- [/] b\n- [!] c\n- [?] d\n- [~] e\n- [-] f\n- [o] g\n- [.] h\n- [✗] i\n"
            "- [❌] j\n- [🚧] k\n- [⏳] l\n- [ ] z\n"
        ).encode(),
        [
            "1 task in_progress a",
            "2 task in_progress b",
            "3 task open c",
            "4 task open d",
            "5 task in_progress e",
            "6 task dropped f",
            "13 task open z",
            "~ 7 unknown-mark",
            "~ 8 unknown-mark",
            "~ 9 unknown-mark",
            "~ 10 unknown-mark",
            "~ 11 unknown-mark",
            "~ 12 unknown-mark",
        ],
    ),
    (
        "Kiro (.kiro/specs/a/tasks.md)",
        b"- [-] 1. doing\n- [x] 2. done\n- [ ] 3. todo\n",
        ["1 task in_progress 1. doing", "2 task done 2. done", "3 task open 3. todo"],
    ),
    (
        "struck",
        b"- [ ] ~~gone~~\n- [x] ~~gone~~\n- [ ] ~~**gone**~~ (moved)\n- ~~no box~~\n",
        [
            "1 task open gone [struck through]",
            "2 task done gone",
            "3 task open gone (moved) [struck through]",
            "! 1 struck",
            "! 3 struck",
        ],
    ),
    (
        "suffixes",
        (
            "- [ ] a ✅ **COMPLETE**\n- [x] b (pending)\n- [x] c — done\n"
            "- [ ] d (in progress)\n- [x] e ✅ 2024-01-01\n- [ ] f 📅 2026-01-01\n- [ ] g ⏫\n"
        ).encode(),
        [
            "1 task open a",
            "2 task done b",
            "3 task done c",
            "4 task open d",
            "5 task done e",
            "6 task open f",
            "7 task open g",
            "! 1 stale-suffix",
            "! 2 stale-suffix",
        ],
    ),
    (
        "obsidian",
        (
            "- [ ] a 📅 2026-01-01\n- [x] b ✅ 2026-01-02\n- [ ] c ⏫ 📅 2026-01-01\n"
            "- [ ] d #tag\n- [ ] e @due(2026-01-01)\n- [ ] f 🔁 every day 📅 2026-01-01\n"
            "- [ ] [[wiki]] link\n- [ ] g ^block\n"
        ).encode(),
        [
            "1 task open a",
            "2 task done b",
            "3 task open c",
            "4 task open d #tag",
            "5 task open e @due(2026-01-01)",
            "6 task open f 🔁 every day",
            "7 task open [[wiki]] link",
            "8 task open g ^block",
        ],
    ),
    (
        "todo.md",
        b"- [ ] Task ~3d #feat @john !high 2026-03-20\n- [x] b (P1)\n- (A) x\n",
        ["1 task open Task ~3d #feat @john !high 2026-03-20", "2 task done b (P1)"],
    ),
    (
        "ids",
        (
            b"- [ ] T001 [P] Create project\n- [ ] T002 [US1] Do it\n- [ ] T003 c\n"
            b"- [x] **CF-97** x\n- [ ] 1.2 y\n- [ ] 1.3 z\n- [ ] 1.4 w\n"
        ),
        [
            "1 task open T001: [P] Create project",
            "2 task open T002: [US1] Do it",
            "3 task open T003: c",
            "4 task done CF-97: x",
            "5 task open 1.2: y",
            "6 task open 1.3: z",
            "7 task open 1.4: w",
        ],
    ),
    (
        "numbers of criteria",
        b"## Acceptance Criteria\n\n- [ ] #1 first\n- [x] #2 second\n",
        ["3 criterion open #1 first @Acceptance Criteria", "4 criterion done #2 second @Acceptance Criteria"],
    ),
    (
        "brackets of other scripts",
        "- ［ ］ a\n- 【x】 b\n・[ ] c\n- [ ] d\n".encode(),
        ["4 task open d"],
    ),
    (
        "duplicates",
        b"## A\n\n- [ ] t\n- [ ] t\n- [x] t\n\n## A\n\n- [ ] t\n",
        ["3 task open t @A", "4 task open t @A", "5 task done t @A", "9 task open t @A"],
    ),
    (
        "Backlog.md",
        (b"## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [ ] #1 one\n- [x] #2 two\n<!-- AC:END -->\n"),
        ["3 criterion open #1 one @Acceptance Criteria", "4 criterion done #2 two @Acceptance Criteria"],
    ),
    (
        "placeholder",
        (
            b"- [ ] [Feature]\n- [ ] <Concrete thing>\n- [ ] {{X}}\n- [ ] TXXX do\n- [ ] TBD\n"
            b"- [ ] real\n- [ ] ...\n"
        ),
        [
            "1 task open [Feature] [a template's blank that nobody filled in]",
            "2 task open <Concrete thing> [a template's blank that nobody filled in]",
            "3 task open {{X}} [a template's blank that nobody filled in]",
            "4 task open TXXX do [a template's blank that nobody filled in]",
            "5 task open TBD [a template's blank that nobody filled in]",
            "6 task open real",
            "7 task open ... [a template's blank that nobody filled in]",
            "! 1 placeholder",
            "! 2 placeholder",
            "! 3 placeholder",
            "! 4 placeholder",
            "! 5 placeholder",
            "! 7 placeholder",
        ],
    ),
    (
        "checked parent open child",
        b"- [x] a\n  - [ ] b\n- [ ] c\n  - [x] d\n",
        ["1 group done a", "2 task open b <1", "3 group open c", "4 task done d <3", "! 1 group-conflict"],
    ),
    (
        "plain bullets above boxes",
        b"- Backend\n  - [ ] a\n  - Sub\n    - [ ] b\n- Frontend\n  - [x] c\n",
        ["2 task open a", "4 task open b", "6 task done c"],
    ),
    (
        "eight levels",
        (
            b"- [ ] l0\n  - [ ] l1\n    - [ ] l2\n      - [ ] l3\n        - [ ] l4\n"
            b"          - [ ] l5\n            - [ ] l6\n              - [ ] l7\n"
        ),
        [
            "1 group open l0",
            "2 group open l1 <1",
            "3 group open l2 <2",
            "4 group open l3 <3",
            "5 group open l4 <4",
            "6 group open l5 <5",
            "7 group open l6 <6",
            "8 task open l7 <7",
        ],
    ),
    (
        "eight numbered levels",
        (
            b"1. [ ] l0\n    1. [ ] l1\n        1. [ ] l2\n            1. [ ] l3\n"
            b"                1. [ ] l4\n                    1. [ ] l5\n"
            b"                        1. [ ] l6\n                            1. [ ] l7\n"
        ),
        [
            "1 group open l0",
            "2 group open l1 <1",
            "3 group open l2 <2",
            "4 group open l3 <3",
            "5 group open l4 <4",
            "6 group open l5 <5",
            "7 group open l6 <6",
            "8 task open l7 <7",
        ],
    ),
    (
        "tabs",
        b"-\t[ ] a\n\t-\t[ ] b\n\t\t-\t[x] c\n",
        ["1 group open a", "2 group open b <1", "3 task done c <2"],
    ),
    (
        "every bullet",
        b"+ [ ] a\n* [x] b\n- [X] c\n",
        ["1 task open a", "2 task done b", "3 task done c"],
    ),
    (
        "a rule between lists",
        b"* [ ] a\n* * *\n* [x] b\n",
        ["1 task open a", "3 task done b"],
    ),
    (
        "a line that goes on lazily",
        b"- [ ] title\ncontinued lazily\n- [x] b\n",
        ["1 task open title", "3 task done b"],
    ),
    (
        "several paragraphs and code",
        (
            b"- [ ] title\n\n  para one\n\n  - bullet\n\n  ```sh\n  - [ ] code\n  ```\n\n"
            b"  para two\n- [x] next\n"
        ),
        ["1 task open title", "12 task done next", "~ 8 in-code"],
    ),
    (
        "bold line sections",
        (b"# Plan\n\n**Backend**\n\n- [ ] a\n\n**Frontend:**\n- [ ] b\n\nSome text\n\n- [ ] c\n"),
        ["5 task open a @Backend", "8 task open b @Frontend", "12 task open c @Frontend"],
    ),
]


@pytest.mark.parametrize(("name", "data", "expected"), _SHAPES, ids=[name for name, _, _ in _SHAPES])
def test_shapes_read_as_people_mean_them(name: str, data: bytes, expected: list[str]) -> None:
    """Kinds, states, stages, problems and what is left out, line by line (the notation: ``reading.said``)."""
    path = name.partition(" (")[2].rstrip(")") or "TODO.md"

    assert expected == said(parse(path, data))
