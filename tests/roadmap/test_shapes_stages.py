"""How stages are named in real files, and which lists belong to them."""

from __future__ import annotations

import pytest

from syncer.roadmap.parse import parse
from tests.roadmap.reading import said

_SHAPES: list[tuple[str, bytes, list[str]]] = [
    (
        "overview",
        (
            b"# Roadmap\n\n## Phases\n\n- [x] **Phase 1: Setup** - base\n"
            b"- [ ] **Phase 2: Core**\n- [ ] **Phase 3: Polish**\n\n## Phase 1: Setup\n\n"
            b"- [x] a\n\n## Phase 2: Core\n\n- [ ] b\n"
        ),
        [
            "11 task done a @Phase 1: Setup",
            "15 task open b @Phase 2: Core",
            "= 7 Phase 3: Polish: open 0/0",
            "= 9 Phase 1: Setup: done 0/1",
            "= 13 Phase 2: Core: open 1/0",
        ],
    ),
    (
        "roadmap by quarter",
        b"# Roadmap\n\n## Q1 2026\n\n- [ ] a\n\n## Q2 2026\n\n- [ ] b\n",
        [
            "5 task open a @Q1 2026",
            "9 task open b @Q2 2026",
            "= 3 Q1 2026: open 1/0",
            "= 7 Q2 2026: open 1/0",
        ],
    ),
    (
        "now next later",
        (b"# Roadmap\n\n## Now\n- [ ] a\n\n## Next\n- [ ] b\n\n## Later\n- [ ] c\n"),
        ["4 task open a @Now", "7 task open b @Next", "10 task open c @Later"],
    ),
    (
        "kanban",
        b"## To Do\n- [ ] a\n## In Progress\n- [ ] b\n## Done\n- [x] c\n- [ ] d\n",
        [
            "2 task open a @To Do",
            "4 task open b @In Progress",
            "6 task done c @Done",
            "7 task open d @Done",
            "! 5 status-conflict",
        ],
    ),
    (
        "versions",
        (b"# Roadmap\n\n## v1.0.0 (released)\n- [x] a\n\n## v1.1.0\n- [ ] b\n\n## Future\n- [ ] c\n"),
        [
            "4 task done a @v1.0.0",
            "7 task open b @v1.1.0",
            "10 task open c @Future",
            "= 3 v1.0.0: done 0/1",
            "= 6 v1.1.0: open 1/0",
        ],
    ),
    (
        "heading status words",
        (
            b"## Phase 1: Login (COMPLETE)\n- [x] a\n## Phase 2: Export - IN PROGRESS\n- [ ] b\n"
            b"## Phase 3: X [PLANNED]\n- [ ] c\n"
        ),
        [
            "2 task done a @Phase 1: Login",
            "4 task open b @Phase 2: Export",
            "6 task open c @Phase 3: X",
            "= 1 Phase 1: Login: done 0/1",
            "= 3 Phase 2: Export: open 1/0",
            "= 5 Phase 3: X: open 1/0",
        ],
    ),
    (
        "progress heading",
        ("## Phase 1: A ████░░ 60%\n\n- [ ] a\n\n## Phase 2: B (3/12)\n\n- [ ] b\n").encode(),
        [
            "3 task open a @Phase 1: A",
            "7 task open b @Phase 2: B",
            "= 1 Phase 1: A: open 1/0",
            "= 5 Phase 2: B: open 1/0",
        ],
    ),
    (
        "setext",
        b"Phase 1\n=======\n\n- [ ] a\n\nPhase 2\n=======\n\n- [ ] b\n",
        [
            "4 task open a @Phase 1",
            "9 task open b @Phase 2",
            "= 1 Phase 1: open 1/0",
            "= 6 Phase 2: open 1/0",
        ],
    ),
    (
        "Arabic",
        "## المرحلة 1: الأساس\n\n- [ ] تسجيل الدخول\n- [x] تصدير\n".encode(),
        [
            "3 task open تسجيل الدخول @المرحلة 1: الأساس",
            "4 task done تصدير @المرحلة 1: الأساس",
            "= 1 المرحلة 1: الأساس: in_progress 1/1",
        ],
    ),
    (
        "Japanese",
        ("## フェーズ1: 基盤\n\n- [ ] ログイン\n\n## フェーズ2: 拡張\n\n- [x] 出力\n").encode(),
        [
            "3 task open ログイン @フェーズ1: 基盤",
            "7 task done 出力 @フェーズ2: 拡張",
            "= 1 フェーズ1: 基盤: open 1/0",
            "= 5 フェーズ2: 拡張: done 0/1",
        ],
    ),
    (
        "criteria heading",
        (
            b"# Plan\n\n## Phase 1: A\n\n- [ ] a\n\n### Exit Criteria\n\n- [ ] c1\n- [x] c2\n\n"
            b"## Phase 2: B\n\n- [ ] b\n\n**Success criteria:**\n- [ ] d1\n\n**Tasks:**\n"
            b"- [ ] e\n\n### Definition of Done\n1. first\n2. second\n"
        ),
        [
            "5 task open a @Phase 1: A",
            "9 criterion open c1 @Phase 1: A / Exit Criteria",
            "10 criterion done c2 @Phase 1: A / Exit Criteria",
            "14 task open b @Phase 2: B",
            "17 criterion open d1 @Phase 2: B / Success criteria",
            "20 task open e @Phase 2: B / Tasks",
            "= 3 Phase 1: A: in_progress 2/1",
            "= 12 Phase 2: B: open 3/0",
            "~ 23 plain-list",
        ],
    ),
    (
        "criteria label para",
        (b"## Phase 1\n\nAcceptance criteria:\n- [ ] c1\n- plain\n\n- [ ] later?\n\n## Phase 2\n\n- [ ] x\n"),
        [
            "4 criterion open c1 @Phase 1 / Acceptance criteria",
            "7 criterion open later? @Phase 1 / Acceptance criteria",
            "11 task open x @Phase 2",
            "= 1 Phase 1: open 2/0",
            "= 9 Phase 2: open 1/0",
        ],
    ),
    (
        "nested criteria",
        (
            b"## Phase 1\n\n- [ ] Task\n  - Acceptance criteria:\n    - [ ] c1\n    - [ ] c2\n"
            b"- [ ] Task 2\n  **Acceptance criteria**\n  - [ ] c3\n"
        ),
        [
            "3 task open Task @Phase 1",
            "5 criterion open c1 <3 @Phase 1",
            "6 criterion open c2 <3 @Phase 1",
            "7 group open Task 2 @Phase 1",
            "9 task open c3 <7 @Phase 1",
            "= 1 Phase 1: open 5/0",
        ],
    ),
    (
        "metrics",
        (
            "## Success Metrics\n\n- [ ] 99% uptime\n\n## Quality Gates\n\n- [ ] coverage\n\n"
            "## Критерии приёмки\n- [ ] z\n\n## 验收标准\n- [ ] y\n"
        ).encode(),
        [
            "3 criterion open 99% uptime @Success Metrics",
            "7 criterion open coverage @Quality Gates",
            "10 criterion open z @Критерии приёмки",
            "13 criterion open y @验收标准",
        ],
    ),
    (
        "a repeated stage",
        (
            "# Release\n\n## RC1–RC6 (repeat)\n\n- [ ] triage\n- [ ] notes\n\n## Release\n\n- [ ] ship\n"
        ).encode(),
        [
            "5 task open triage @RC1–RC6 (repeat)",
            "6 task open notes @RC1–RC6 (repeat)",
            "10 task open ship @Release",
            "= 3 RC1–RC6 (repeat): open 2/0",
            "= 8 Release: open 1/0",
        ],
    ),
    (
        "a loop",
        (b"## Alpha\n- [ ] a\n\n## RC1-RC6 Loop\nRepeat for each release candidate:\n- [ ] triage\n"),
        [
            "2 task open a @Alpha",
            "6 task open triage @RC1-RC6 Loop",
            "= 1 Alpha: open 1/0",
            "= 4 RC1-RC6 Loop: open 1/0",
        ],
    ),
    (
        "changelog",
        (
            b"## Changelog\n\n- [x] 2026-01-01 did\n\n## [1.2.0] - 2026-01-01\n\n- [x] a\n\n"
            b"## [Unreleased]\n\n- [ ] b\n"
        ),
        ["7 task done a @1.2.0", "11 task open b @Unreleased", "= 5 1.2.0: done 0/1", "~ 3 history"],
    ),
    (
        "a table of contents",
        (b"## Table of Contents\n\n- [Phase 1](#phase-1)\n- [ ] odd\n\n## Phase 1\n\n- [ ] a\n"),
        ["8 task open a @Phase 1", "= 6 Phase 1: open 1/0", "~ 4 out-of-scope"],
    ),
    (
        "a section of what is done",
        b"## Completed\n\n- [x] a\n\n## Backlog\n\n- [ ] b\n  - [x] c\n",
        ["3 task done a @Completed", "7 group open b @Backlog", "8 task done c <7 @Backlog"],
    ),
]


@pytest.mark.parametrize(("name", "data", "expected"), _SHAPES, ids=[name for name, _, _ in _SHAPES])
def test_shapes_read_as_people_mean_them(name: str, data: bytes, expected: list[str]) -> None:
    """Kinds, states, stages, problems and what is left out, line by line (the notation: ``reading.said``)."""
    path = name.partition(" (")[2].rstrip(")") or "TODO.md"

    assert expected == said(parse(path, data))
