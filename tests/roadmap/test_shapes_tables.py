"""How real tables and stages are written, and what is read of them."""

from __future__ import annotations

import pytest

from syncer.roadmap.parse import parse
from tests.roadmap.reading import said

_SHAPES: list[tuple[str, bytes, list[str]]] = [
    (
        "status first",
        (
            "| Status | Task |\n|--|--|\n| ✅ Done | login |\n| 🚧 In progress | export |\n"
            "| ⬜ Todo | import |\n"
        ).encode(),
        ["3 requirement done login", "4 requirement in_progress export", "5 requirement open import"],
    ),
    (
        "status only glyph",
        (
            "| Task | Status |\n|--|--|\n| login | ✅ |\n| export | ⏳ |\n| import | ❌ |\n| fax | 🔴 |\n"
        ).encode(),
        [
            "3 requirement done login",
            "4 requirement in_progress export",
            "5 requirement dropped import",
            "! 6 unknown-status",
        ],
    ),
    (
        "box cells",
        b"| Done | Task |\n|--|--|\n| [x] | a |\n| [ ] | b |\n|  | c |\n",
        ["3 requirement done a", "4 requirement open b", "~ 5 no-box"],
    ),
    (
        "box cells without a header",
        b"| | Task |\n|--|--|\n| [x] | a |\n| [ ] | b |\n",
        ["3 requirement done a", "4 requirement open b"],
    ),
    (
        "matrix",
        b"| Feature | Linux | Mac |\n|--|--|--|\n| a | [x] | [ ] |\n",
        ["~ 1 plain-table"],
    ),
    (
        "matrix emoji",
        ("| Feature | Free | Pro |\n|--|--|--|\n| a | ✅ | ❌ |\n| b | ✅ | ✅ |\n").encode(),
        ["~ 1 plain-table"],
    ),
    (
        "percent",
        ("| Task | Progress |\n|--|--|\n| a | 100% |\n| b | 40% |\n| c | 0% |\n| d | ✅ 90% |\n").encode(),
        [
            "3 requirement done a",
            "4 requirement in_progress b",
            "5 requirement open c",
            "6 requirement in_progress d",
        ],
    ),
    (
        "short rows",
        (b"| ID | Task | Status |\n|----|------|--------|\n| T-1 | a |\n| T-2 | b | Done |\n| T-3 |\n"),
        ["4 requirement done T-2: b", "! 3 short-row", "! 5 short-row"],
    ),
    (
        "escaped pipes",
        (
            b"| ID | Task | Status |\n|----|------|--------|\n| T-1 | a \\| b | Pending |\n"
            b"| T-2 | `x \\| y` | **Done** |\n"
        ),
        ["3 requirement open T-1: a | b", "4 requirement done T-2: `x | y`"],
    ),
    (
        "ragged",
        b"ID|Task|Status\n--|:-:|--\nT-1|a|Done\nT-2|b|In Progress|extra|x\n",
        ["3 requirement done T-1: a", "4 requirement in_progress T-2: b"],
    ),
    (
        "empty status",
        b"| Task | Status |\n|--|--|\n| a | |\n| b | - |\n| c | Done |\n",
        ["3 requirement open a", "4 requirement open b", "5 requirement done c"],
    ),
    (
        "Chinese",
        (
            "| 任务 | 状态 |\n|--|--|\n| 登录 | 已完成 |\n| 导出 | 进行中 |\n"
            "| 导入 | 计划中 |\n| 传真 | ⬜ 待做 |\n"
        ).encode(),
        [
            "3 requirement done 登录",
            "4 requirement in_progress 导出",
            "5 requirement open 导入",
            "6 requirement open 传真",
        ],
    ),
    (
        "Russian",
        (
            "| Задача | Статус |\n|--|--|\n| вход | Готово |\n| экспорт | В работе |\n"
            "| импорт | ⏸️ Ожидает |\n| факс | Відкладено |\n"
        ).encode(),
        [
            "3 requirement done вход",
            "4 requirement in_progress экспорт",
            "5 requirement open импорт",
            "6 requirement dropped факс",
        ],
    ),
    (
        "Portuguese",
        (
            "| Tarefa | Status |\n|--|--|\n| a | concluída |\n| b | planejada |\n| c | em andamento |\n"
        ).encode(),
        ["3 requirement done a", "4 requirement open b", "5 requirement in_progress c"],
    ),
    (
        "Persian",
        ("| وظیفه | وضعیت |\n|--|--|\n| ورود | ✅ انجام شد |\n| خروج | در حال انجام |\n").encode(),
        ["3 requirement done ورود", "4 requirement in_progress خروج"],
    ),
    (
        "Hebrew",
        "| משימה | סטטוס |\n|--|--|\n| כניסה | הושלם |\n| יציאה | בתהליך |\n".encode(),
        ["3 requirement done כניסה", "4 requirement in_progress יציאה"],
    ),
    (
        "Hindi",
        "| कार्य | स्थिति |\n|--|--|\n| a | पूर्ण |\n".encode(),
        ["3 requirement done a"],
    ),
    (
        "table in list",
        b"- [ ] a\n\n  | ID | Task | Status |\n  |--|--|--|\n  | T-1 | x | Done |\n",
        ["1 task open a", "5 requirement done T-1: x"],
    ),
    (
        "mirrors",
        (
            b"## A\n\n| ID | Requirement | Status |\n|--|--|--|\n| R-1 | x | Pending |\n"
            b"| R-2 | y | Complete |\n\n## Traceability\n\n| ID | Phase | Status |\n|--|--|--|\n"
            b"| R-1 | 1 | Pending |\n| R-2 | 1 | Pending |\n"
        ),
        ["5 requirement open R-1: x +12 @A", "6 requirement done R-2: y +13 @A", "! 13 mirror-drift"],
    ),
    (
        "milestone table",
        (
            "## Milestones\n\n| Milestone | Target Date | Status |\n|--|--|--|\n"
            "| M1 | 2026-03-01 | ✅ Complete |\n| M2 | Q3 2026 | Planned |\n| **Total** | | |\n"
        ).encode(),
        ["= 5 M1: done 0/0 due 2026-03-01", "= 6 M2: open 0/0", "~ 6 no-date", "~ 7 no-stage"],
    ),
    (
        "timeline table",
        (
            b"## Timeline\n\n| Quarter | Focus | Status |\n|--|--|--|\n"
            b"| Q1 2026 | Base | Done |\n| Q2 2026 | Rest | Planned |\n"
        ),
        ["= 5 Q1 2026: done 0/0", "= 6 Q2 2026: open 0/0"],
    ),
    (
        "release table",
        (
            b"| Version | Date | Highlights |\n|--|--|--|\n| 1.0 | 2026-01-01 | x |\n"
            b"| 1.1 | 2026-05-01 | y |\n"
        ),
        ["= 3 1.0: open 0/0 due 2026-01-01", "= 4 1.1: open 0/0 due 2026-05-01"],
    ),
    (
        "totals",
        b"| Phase | Status |\n|--|--|\n| Phase 1 | Done |\n| **Total** | 50% |\n",
        ["= 3 Phase 1: done 0/0", "~ 4 no-stage"],
    ),
    (
        "future rows",
        (
            b"## v2 Requirements\n\n| ID | Requirement |\n|--|--|\n| ADV-01 | later |\n"
            b"| ADV-02 | much later |\n"
        ),
        [
            "5 requirement future ADV-01: later @v2 Requirements",
            "6 requirement future ADV-02: much later @v2 Requirements",
        ],
    ),
    (
        "task phase status",
        (
            b"## Phase 1: A\n\ntext\n\n## Phase 2: B\n\n- [ ] x\n\n## Tasks\n\n"
            b"| Task | Phase | Status |\n|--|--|--|\n| a | 1 | Done |\n"
            b"| b | Phase 2 | Pending |\n"
        ),
        [
            "7 task open x @Phase 2: B",
            "13 requirement done a @Tasks",
            "14 requirement open b @Tasks",
            "= 1 Phase 1: A: done 0/1",
            "= 5 Phase 2: B: open 2/0",
        ],
    ),
]


@pytest.mark.parametrize(("name", "data", "expected"), _SHAPES, ids=[name for name, _, _ in _SHAPES])
def test_shapes_read_as_people_mean_them(name: str, data: bytes, expected: list[str]) -> None:
    """Kinds, states, stages, problems and what is left out, line by line (the notation: ``reading.said``)."""
    path = name.partition(" (")[2].rstrip(")") or "TODO.md"

    assert expected == said(parse(path, data))
