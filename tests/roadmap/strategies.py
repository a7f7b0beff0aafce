"""Roadmaps, titles and edits for property tests: realistic Markdown with everything people put into it.

A generated roadmap is built from the ways of writing that real ones use (nested checklists with any
bullet, numbered lists, tables, stage headings, criteria, code, quotes, comments, double encoding,
every line end) and is then read by syncer itself; the properties are about what editing does to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from syncer.model.document import Document, Stage
from syncer.model.edits import Edit, InsertTask, MoveItem, Retitle, SetDue, SetLink, SetStageState, SetState
from syncer.model.fields import TaskState
from syncer.roadmap.mojibake import damage
from syncer.roadmap.parse import parse

WORDS = [
    "parser",
    "index",
    "cache",
    "retry",
    "login",
    "export",
    "search",
    "draft",
    "invoice",
    "release",
    "docs",
    "api",
    "`core`",
    "ключи",
    "検索",
    "añadir",
    "größe",
    "导出",
    "كتابة",
    "v2.0",
    "50%",
    "C++",
    "I/O",
    "e.g.",
    "R&D",
    "non-stop",
    "user's",
    "«цитата»",
]

plain_words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)

inline_texts = st.one_of(
    plain_words,
    plain_words.map(lambda text: f"**{text}**"),
    st.tuples(plain_words, plain_words).map(lambda pair: f"**{pair[0]}**: {pair[1]}"),
    st.tuples(plain_words, plain_words).map(lambda pair: f"{pair[0]} [link {pair[1]}](docs/x.md)"),
    st.tuples(plain_words, st.integers(1, 99)).map(lambda pair: f"{pair[0]} `code_{pair[1]}` _soft_"),
    plain_words.map(lambda text: f"~~{text}~~ and more"),
    plain_words.map(lambda text: f"{text} \\* escaped &amp; done"),
)

suffixes = st.sampled_from(
    ["", "", "", " ✅", " ✅ **COMPLETE**", " 🚧", " - done", " (done)", " ⏳ in progress"]
)
identifiers = st.sampled_from(["", "", "", "**T-{n}** ", "REQ-{n}: ", "[X-{n}] ", "{n}.1 "])
marks = st.sampled_from([" ", " ", " ", "x", "x", "X", "✅", "✓", "-", "~", "/"])


@dataclass(frozen=True)
class ListStyle:
    """How one list is written."""

    bullet: str
    gap: str
    indent: int
    tabs: bool
    loose: bool


list_styles = st.builds(
    ListStyle,
    bullet=st.sampled_from(["-", "-", "-", "*", "+", "1.", "1)"]),
    gap=st.sampled_from([" ", " ", "  "]),
    indent=st.sampled_from([2, 2, 4]),
    tabs=st.booleans(),
    loose=st.booleans(),
)


@st.composite
def checklists(draw: st.DrawFn) -> list[str]:
    """The lines of one list with boxes, nested up to three levels, some bullets plain."""
    style = draw(list_styles)
    lines: list[str] = []
    number = 1
    level = 0
    for _ in range(draw(st.integers(1, 6))):
        level = max(0, min(level + draw(st.sampled_from([-2, -1, 0, 0, 1])), 2))
        ordered = style.bullet[0].isdigit()
        bullet = f"{number}{style.bullet[1:]}" if ordered and level == 0 else "-" if ordered else style.bullet
        number += level == 0
        width = len(bullet) + len(style.gap) if level == 0 or ordered else style.indent
        step = max(width, len(bullet) + 1)
        lead = ("\t" if style.tabs and not ordered else " " * max(step, 3 if ordered else 2)) * level
        kind = draw(st.sampled_from(["task"] * 6 + ["plain", "note", "empty"]))
        text = draw(inline_texts)
        identifier = draw(identifiers).format(n=draw(st.integers(1, 999)))
        if kind == "plain":
            lines.append(f"{lead}{bullet}{style.gap}{text}")
        elif kind == "empty":
            lines.append(f"{lead}{bullet}{style.gap}[{draw(marks)}]")
        else:
            blanks = draw(st.sampled_from(["", "", "", "  "]))
            lines.append(
                f"{lead}{bullet}{style.gap}[{draw(marks)}] {identifier}{text}{draw(suffixes)}{blanks}"
            )
        if kind == "note":
            lines.append(
                f"{lead}{'	' if style.tabs and not ordered else '  '}a note on {draw(plain_words)}"
            )
        if style.loose:
            lines.append("")
    return lines


@st.composite
def tables(draw: st.DrawFn) -> list[str]:
    """The lines of a table: requirements, milestones, a matrix, or something else."""
    kind = draw(st.sampled_from(["requirements", "milestones", "boxes", "other", "matrix"]))
    count = draw(st.integers(1, 4))
    prefix = draw(st.sampled_from(["AUD", "REL", "X"]))
    words = draw(
        st.sampled_from(
            [
                ["Pending", "Complete", "In Progress"],
                ["⬜ Todo", "✅ Done", "🚧 WIP"],
                ["计划中", "已完成", "进行中"],
                ["○ Not started", "✓ Complete", "◐ In progress"],
                ["", "Done (in v2)", "who knows"],
            ]
        )
    )
    cells = st.sampled_from(WORDS).map(lambda word: word.replace("|", "\\|"))
    rows = []
    if kind == "requirements":
        rows += ["| ID | Requirement | Status |", "|----|:---:|---|"]
        rows += [
            f"| {prefix}-{n:02d} | {draw(cells)} {draw(cells)} | {draw(st.sampled_from(words))} |"
            for n in range(count)
        ]
    elif kind == "milestones":
        rows += ["|Milestone|Target Date|Status|", "|--|--|--|"]
        rows += [
            f"|M{n}: {draw(cells)}|{draw(st.sampled_from(['2026-05-0' + str(n + 1), '', 'Q3', '-']))}"
            f"|{draw(st.sampled_from(words))}|"
            for n in range(count)
        ]
    elif kind == "boxes":
        rows += ["| Done | Task |", "| --- | --- |"]
        rows += [
            f"| [{draw(st.sampled_from(' x'))}] | {draw(cells)} \\| {draw(cells)} |" for _ in range(count)
        ]
    elif kind == "matrix":
        rows += ["| Feature | Linux | Windows |", "|--|--|--|"]
        rows += [f"| {draw(cells)} | [x] | [ ] |" for _ in range(count)]
    else:
        rows += ["Name | Reason", "--- | ---"]
        rows += [f"{draw(cells)} | `a \\| b` {draw(cells)}" for _ in range(count)]
        rows += ["short"]
    return rows


noise = st.sampled_from(
    [
        ["```", "- [ ] in code", "```"],
        ["> - [ ] in a quote"],
        ["<!--", "- [ ] in a comment", "-->"],
        ["<details>", "<summary>More</summary>", "", "- [ ] inside details", "", "</details>"],
        ["---"],
        ["    - [ ] indented code"],
        ["Goal: reach it", "more text - [ ] glued"],
        ["**Success Criteria**: it works"],
        ["**Status:** In Progress"],
        ["**Due:** 2026-07-01"],
        ["[x]: https://example.org/definition"],
        ["- [ ]no blank", "- [] empty"],
        ["**Backend**", "- [ ] below a bold line"],
        ["<!-- syncer: ignore -->"],
        ["Setext heading", "=============="],
        ["- ✅ statement", "- ✅ another"],
    ]
)

stage_names = st.sampled_from(
    [
        "Phase {n}: Foundation",
        "Phase {n}: Search ✅ **COMPLETE**",
        "🚀 **PHASE {n}: LAUNCH (1-2 weeks)**",
        "v0.{n}.0 (2026-09-0{n})",
        "Milestone {n} — In Progress",
        "第{n}阶段：基础",
        "Этап {n}. Основа",
        "Sprint {n} → v0.{n}.0",
    ]
)
other_headings = st.sampled_from(
    [
        "Backend",
        "Testing & QA",
        "Exit Criteria",
        "Notes",
        "Legend",
        "Backlog",
        "Done",
        "Tasks",
        "`cli` tools ✅",
    ]
)


@st.composite
def roadmap_lines(draw: st.DrawFn) -> list[str]:
    """The lines of a whole roadmap."""
    lines: list[str] = []
    if draw(st.booleans()):
        lines += draw(
            st.sampled_from([["# Roadmap", ""], ["---", "title: x", "---", ""], ["Roadmap", "===", ""]])
        )
    pattern = draw(stage_names)
    level = draw(st.sampled_from([2, 2, 3]))
    for number in range(1, draw(st.integers(1, 4)) + 1):
        if draw(st.booleans()) or number > 1:
            lines += ["#" * level + " " + pattern.format(n=number), ""]
        for _ in range(draw(st.integers(1, 3))):
            block = draw(st.sampled_from(["list", "list", "list", "table", "noise", "heading"]))
            if block == "list":
                lines += draw(checklists())
            elif block == "table":
                lines += draw(tables())
            elif block == "noise":
                lines += draw(noise)
            else:
                lines += ["#" * (level + 1) + " " + draw(other_headings)]
            lines += [""] * draw(st.sampled_from([1, 1, 1, 2]))
    return lines


@st.composite
def roadmaps(draw: st.DrawFn) -> bytes:
    """The bytes of a roadmap: any line end, with or without byte order mark, final newline, damage."""
    lines = draw(roadmap_lines())
    text = "\n".join(lines)
    if draw(st.integers(0, 4)) == 0:
        text = damage(text) if damage(text) != text else text
    if draw(st.booleans()):
        text = text.rstrip("\n")
    data = text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))).encode()
    return (b"\xef\xbb\xbf" if draw(st.integers(0, 3)) == 0 else b"") + data


documents = roadmaps().map(lambda data: parse("TODO.md", data))


@st.composite
def documents_with_items(draw: st.DrawFn) -> Document:
    """Roadmaps that have an item: where chance brings none, a list stands behind the rest."""
    data = draw(roadmaps())
    document = parse("TODO.md", data)
    if any(item.box is not None and item.title for item in document.items):
        return document
    return parse("TODO.md", b"## Backlog\n\n- [ ] draft the release\n- [x] index\n\n## Rest\n\n" + data)


@st.composite
def documents_with_dates(draw: st.DrawFn) -> Document:
    """Roadmaps with stages of which one at least has a date, written in one of many ways."""
    data = draw(roadmaps())
    stage = draw(
        st.sampled_from(
            [
                "## Phase 8: Dated (2026-07-01)\n\n- [ ] a\n\n## Phase 9\n\n- [ ] b\n",
                "## Sprint 8 (due: 2026-07-01)\n\n- [ ] a\n\n## Sprint 9\n\n- [ ] b\n",
                "## Phase 8\n\n**Due:** 2026-07-01\n\n- [ ] a\n\n## Phase 9\n\n- [ ] b\n",
                "## Phase 8\n\n- Due: 2026-07-01\n\n- [ ] a\n\n## Phase 9\n\n- [ ] b\n",
                "## Milestones\n\n|Milestone|Target Date|Status|\n|--|--|--|\n|M8|2026-07-01|Planned|\n",
            ]
        )
    )
    return parse("TODO.md", data + b"\n\n" + stage.encode())


tracker_titles = st.one_of(
    plain_words,
    st.text(min_size=1, max_size=40),
    st.text(
        alphabet="*_`~[]()<>|\\#!&;:-+=.{}@$%^'\" aA1é中🚀\u200f\u202e\ufe0f\t\n", min_size=1, max_size=25
    ),
    st.tuples(
        plain_words, st.sampled_from([" - done", " ✅", " (done)", " #12", " @you", " ✅ **COMPLETE**"])
    ).map("".join),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            "a | b | c",
            "`a|b` and ``x ` y``",
            "[x] not a box",
            "- [ ] nested",
            "# heading",
            "REQ-7: something",
            "T001 text",
            "1. numbered",
            "![img](x.png) [a](b)",
            "&lt;b&gt; &copy; &#35;",
            "עברית and العربية",
            "trailing backslash \\",
            "👩‍👩‍👧 family ✔️",
            "âœ… damaged",
            "[link]: https://example.org",
            "a\u2028b\x00c\u0085d",
            "***bold*** __x__ ~~s~~",
            "<!-- comment -->",
            "$math$ ^sup^ ==mark==",
            "…",
            "TBD",
            "\ufdd0sign\ufdd1",
        ]
    ),
)


@st.composite
def state_edits(draw: st.DrawFn, document: Document) -> SetState:
    item = draw(st.sampled_from(document.items))
    return SetState(item.index, draw(st.sampled_from(list(TaskState))))


def stage_edits(stage: Stage) -> st.SearchStrategy[Edit]:
    """One edit of a stage."""
    return st.one_of(
        st.sampled_from([TaskState.DONE, TaskState.OPEN]).map(
            lambda state: SetStageState(stage.index, state)
        ),
        st.one_of(st.none(), st.dates()).map(lambda day: SetDue(stage.index, day)),
    )


@st.composite
def edits(draw: st.DrawFn, document: Document) -> list[Edit]:
    """One to five edits of different things in a document."""
    found: list[Edit] = []
    items = list(document.items)
    for item in (
        draw(st.lists(st.sampled_from(items), max_size=3, unique_by=lambda item: item.index)) if items else []
    ):
        kind = draw(st.sampled_from(["state", "state", "title", "title", "move", "link"]))
        if kind == "state":
            found.append(SetState(item.index, draw(st.sampled_from(list(TaskState)))))
        elif kind == "title":
            found.append(Retitle(item.index, draw(tracker_titles)))
        elif kind == "move":
            found.append(MoveItem(item.index, draw(st.integers(0, len(document.sections) - 1))))
        else:
            found.append(SetLink(item.index, "#7", "https://forge.example/acme/rune/issues/7"))
    if draw(st.booleans()) and document.stages:
        found.append(draw(stage_edits(draw(st.sampled_from(document.stages)))))
    if draw(st.booleans()) or not found:
        section = draw(st.integers(0, len(document.sections) - 1))
        found += [
            InsertTask(section, title) for title in draw(st.lists(tracker_titles, min_size=1, max_size=2))
        ]
    return found


_indents = st.sampled_from(["", "", "", "  ", "  ", "   ", "    ", "      ", "\t", " \t", "\t\t"])
_leads = st.sampled_from(
    ["- ", "- ", "* ", "+ ", "-\t", "-   ", "1. ", "2) ", "10. ", "", "", "> ", "# ", "### ", "- - ", "-"]
)
_boxes = st.sampled_from(["[ ] ", "[x] ", "[X] ", "[ ]", "[x]", "[] ", "[ ]\t", "", "", "", "[-] ", "[✅] "])
_tails = st.sampled_from(
    [
        "a",
        "b `c`",
        "**d** e",
        "~~f~~",
        "[g](h)",
        "i \\",
        "j  ",
        "",
        "k | l",
        "[m]: n",
        "| o |",
        "&amp;",
        "<b>p</b>",
    ]
)
_rules = ["---", "===", "***", "```", "~~~", "    code", "[x]: /url", "Text", "Text:", "***a***", "", "", ""]
_html = ["<!--", "-->", "<div>", "</div>", "<details>", "</details>"]
_whole_lines = st.sampled_from([*_rules, *_html])


@st.composite
def wild_lines(draw: st.DrawFn) -> str:
    """One line that nobody would write on purpose."""
    if draw(st.integers(0, 3)) == 0:
        return draw(_indents) + draw(_whole_lines)
    return draw(_indents) + draw(_leads) + draw(_boxes) + draw(_tails)


wild_documents = st.lists(wild_lines(), min_size=1, max_size=12).map(lambda lines: "\n".join(lines).encode())
"""Documents of lines that nobody would write, in any order."""
