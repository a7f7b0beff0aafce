"""What the columns of a table are for, told by their headers and by what stands in them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

from syncer.model.document import Span, StatusCell, Wording
from syncer.model.fields import Status
from syncer.roadmap.headings import read_stage_name
from syncer.roadmap.inline import plain_text
from syncer.roadmap.lines import Lines
from syncer.roadmap.mojibake import damage
from syncer.roadmap.scan import Cell, Table
from syncer.roadmap.stagewords import KINDS
from syncer.roadmap.words import answer, canonical_word, read_status

ID_SHAPE = re.compile(
    r"[A-Z]{1,12}(?:[-_. ]?[A-Z0-9]{1,10}){0,4}[-_.]?\d{1,6}(?:\.\d+)*[a-z]?|\d{1,4}(?:[.-]\d{1,4})+"
)
BOX_CELL = re.compile(r"\[(?: |x|X|✓|✔|✅|☑|-|~|)\]")
EMPTY = re.compile(r"[-–—−·.\s]*|n/?a|none|tbd|\?")


class Role(Enum):
    """What a column is for."""

    ID = "id"
    TEXT = "text"
    STATUS = "status"
    STAGE = "stage"
    NAME = "name"
    DATE = "date"
    VERSION = "version"
    BOX = "box"
    OTHER = "other"


_STATUS = re.compile(
    r"(?:current |impl(?:ementation)? |overall |dev |task )?(?:status|state|progress)|stand|zustand|estado|situación|situação"
    r"|statut|état|etat|stato|статус|состояние|стан|状态|狀態|进度|進度|ステータス|状態|進捗|상태|진행 ?상태|durum|durumu|stav|stan"
    r"|trạng thái|tiến độ|status pengerjaan|وضعیت|الحالة|حالة|סטטוס|מצב|κατάσταση|स्थिति|สถานะ|done\??|completed\??|complete\??"
)
_ID = re.compile(
    r"#|id|ids|no\.?|nr\.?|№|num(?:ber)?|key|ref(?:erence)?|code|ticket|issue|(?:req(?:uirement)?|task|item|story|feature|work item) ?"
    r"(?:id|#|no\.?|number|key)|编号|編號|序号|序號|番号|번호|номер|número|numéro|nummer|numara|kimlik|شناسه|رقم|מזהה"
)
_TEXT = re.compile(
    r"(?:user )?(?:tasks?|items?|requirements?|features?|stor(?:y|ies)|work items?|to-?dos?|actions?|activit(?:y|ies)|deliverables?"
    r"|issues?|improvements?|enhancements?|tickets?|jobs?|objectives?|goals?|capabilit(?:y|ies)|components?|modules?|checks?|bugs?)"
    r"|action items?|what|description|title|summary|subject|задач[аи]|описание|требовани[ея]|функци[яи]|название|任务|任務|功能|需求|描述|事项"
    r"|工作项|タスク|機能|要件|内容|項目|作業|작업|기능|요구사항|항목|설명|내용|tareas?|funcionalidad|requisitos?|descripción|tarefas?|descrição"
    r"|funcionalidades?|tâches?|fonctionnalités?|exigences?|aufgaben?|funktion(?:en)?|anforderung(?:en)?|beschreibung|görev(?:ler)?|özellik"
    r"|gereksinim|açıklama|attività|compit[oi]|funzionalità|taken|taak|opgaver?|uppgift(?:er)?|zadani[ae]|zadanie|úkoly?|công việc|nhiệm vụ"
    r"|tính năng|tugas|fitur|deskripsi|وظیفه|ویژگی|مهمة|المهمة|משימה|תיאור|εργασία|कार्य|งาน"
)
_NAME = re.compile(
    r"name|title|milestone name|phase name|theme|focus|名称|名前|이름|название|nombre|nome|nom|bezeichnung|ad|isim"
)
_DUE = re.compile(
    r"(?:target|due|planned|expected|estimated|est\.?|release|delivery|launch|ship|end|completion target)(?: ?-?date| by)?|date|due"
    r"|deadline|eta|by|when|timeline|target completion|срок|дата|дедлайн|截止(?:日期)?|目标日期|计划日期|日期|期限|期日|予定日|目標日|마감일?|목표일|날짜"
    r"|fecha(?: límite| objetivo)?|data(?: alvo| limite)?|prazo|échéance|date (?:cible|limite|prévue)|fällig(?: am)?|termin|zieldatum|frist"
    r"|tarih|hedef tarih|son tarih|scadenza|deadline datum|streefdatum|forfalden|tanggal|ngày|موعد|تاریخ|תאריך"
)
_VERSION = re.compile(r"(?:target )?(?:version|release)|tag|版本|バージョン|버전|версия|versión|versão|sürüm")


@dataclass(slots=True)
class Columns:
    """A table with its columns understood.

    Args:
        texts: folded plain text of every body cell, ``None`` where a short row has none.
        roles: one per column of the header.
        kind: the kind word of the stage column's header ("phase"), ``""`` where there is none.
    """

    table: Table
    headers: list[str]
    texts: list[list[str | None]]
    roles: list[Role]
    kind: str = ""
    unknown: dict[int, list[int]] = field(default_factory=dict)

    def first(self, role: Role) -> int | None:
        return next((index for index, found in enumerate(self.roles) if found is role), None)

    def text(self, row: int, column: int | None) -> str:
        if column is None or column >= len(self.texts[row]):
            return ""
        return self.texts[row][column] or ""

    def cell(self, row: int, column: int) -> Cell | None:
        cells = self.table.rows[row].cells
        return cells[column] if column < len(cells) else None

    def unique(self, column: int) -> bool:
        """Whether a column's values differ from row to row."""
        values = [self.text(row, column).casefold() for row in range(len(self.texts))]
        values = [value for value in values if value and not EMPTY.fullmatch(value)]
        return bool(values) and len(set(values)) == len(values)

    def looks_like_ids(self, column: int) -> bool:
        values = [self.text(row, column) for row in range(len(self.texts))]
        filled = [value for value in values if value]
        return bool(filled) and all(ID_SHAPE.fullmatch(value.strip("`[]")) for value in filled)


def read_columns(table: Table) -> Columns:
    """Tell what each column of a table is for."""
    headers = [plain_text(cell.text) for cell in table.head]
    texts = [
        [None if cell.span is None else plain_text(cell.text) for cell in row.cells] for row in table.rows
    ]
    columns = Columns(table, headers, texts, [Role.OTHER] * len(headers))
    for index, header in enumerate(headers):
        columns.roles[index] = _role(columns, index, header)
    _settle_status(columns)
    _settle_stage(columns)
    _settle_text(columns)
    return columns


def _role(columns: Columns, index: int, header: str) -> Role:
    word = canonical_word(header) if header != "#" else "#"
    values = [columns.text(row, index) for row in range(len(columns.texts))]
    filled = [value for value in values if value]
    if filled and all(BOX_CELL.fullmatch(value) for value in filled):
        return Role.BOX
    if _STATUS.fullmatch(word):
        return Role.STATUS
    if KINDS.fullmatch(word) and not (word in {"version", "release"} and index > 1):
        return Role.STAGE
    if _VERSION.fullmatch(word):
        return Role.VERSION
    if _ID.fullmatch(word) and (columns.looks_like_ids(index) or word == "id"):
        return Role.ID
    if _DUE.fullmatch(word):
        return Role.DATE
    if _TEXT.fullmatch(word):
        if columns.looks_like_ids(index):
            return Role.ID
        if filled and all(re.fullmatch(r"[\d/%.\s-]+", value) for value in filled):
            # "Requirements: 6" counts them; it does not name one.
            return Role.OTHER
        return Role.TEXT
    if _NAME.fullmatch(word):
        return Role.NAME
    return Role.OTHER


def _settle_status(columns: Columns) -> None:
    """Keep one status column: the one that speaks the vocabulary. A box column outranks it."""
    candidates = [index for index, role in enumerate(columns.roles) if role is Role.STATUS]
    best, best_share = None, 0.0
    for index in candidates:
        filled = [text for row in range(len(columns.texts)) if (text := columns.text(row, index))]
        known = sum(1 for text in filled if BOX_CELL.fullmatch(text) or read_status(text) is not None)
        share = known / len(filled) if filled else 0.5
        if share > best_share:
            best, best_share = index, share
    for index in candidates:
        if index != best:
            columns.roles[index] = Role.OTHER
    boxes = [index for index, role in enumerate(columns.roles) if role is Role.BOX]
    if len(boxes) > 1:
        # Two or more box columns are a matrix of features, not a list of tasks.
        for index in boxes:
            columns.roles[index] = Role.OTHER
        if best is not None:
            columns.roles[best] = Role.OTHER


def _settle_stage(columns: Columns) -> None:
    stages = [index for index, role in enumerate(columns.roles) if role is Role.STAGE]
    for index in stages[1:]:
        columns.roles[index] = Role.OTHER
    if stages:
        word = canonical_word(columns.headers[stages[0]])
        columns.kind = word[:-1] if word.endswith("s") and word.isascii() else word


def _settle_text(columns: Columns) -> None:
    """One text column: the first that names things. A description beside it is only a description."""
    texts = [index for index, role in enumerate(columns.roles) if role is Role.TEXT]
    if not texts:
        named = columns.first(Role.NAME)
        if named is not None and columns.first(Role.STAGE) is None:
            columns.roles[named] = Role.TEXT
        elif columns.first(Role.ID) is not None and columns.first(Role.STAGE) is None:
            spare = next((at for at, role in enumerate(columns.roles) if role is Role.OTHER), None)
            if spare is not None:
                columns.roles[spare] = Role.TEXT
        return
    for index in texts[1:]:
        columns.roles[index] = Role.OTHER


def status_cell(
    columns: Columns, row: int, column: int, lines: Lines, wording: ColumnWording
) -> StatusCell | None:
    """The status cell of a row, or ``None`` where it is missing or not understood."""
    cell = columns.cell(row, column)
    if cell is None or cell.span is None:
        return None
    text = columns.text(row, column)
    if not text or EMPTY.fullmatch(text.casefold()):
        return StatusCell(lines.number(cell.span.start), cell.span, text, Status.OPEN, wording.for_empty())
    reading = read_status(text)
    if reading is None:
        return None
    return StatusCell(
        lines.number(cell.span.start),
        cell.span,
        text,
        reading.status,
        Wording(None, None, None) if reading.qualified else wording.for_text(text, reading.status),
        reading.qualified,
    )


class ColumnWording:
    """The words that a status column uses, so that a written word is one of the file's own."""

    def __init__(self, texts: list[str], *, damaged: bool) -> None:
        by_status: dict[Status, Counter[str]] = {}
        for text in texts:
            reading = read_status(text)
            if reading is not None and not reading.qualified:
                by_status.setdefault(reading.status, Counter())[text] += 1
        self._damaged = damaged
        self._words = {
            status: counter.most_common(1)[0][0] for status, counter in by_status.items() if counter
        }

    def for_text(self, text: str, status: Status) -> Wording:
        """What would stand in place of a text for each state."""
        done = text if status is Status.DONE else self._words.get(Status.DONE) or answer(text, done=True)
        opened = (
            text
            if status.task_state.value == "open"
            else self._words.get(Status.OPEN)
            or self._words.get(Status.IN_PROGRESS)
            or answer(text, done=False)
        )
        dropped = text if status is Status.DROPPED else self._words.get(Status.DROPPED)
        return Wording(self._spelled(opened), self._spelled(done), self._spelled(dropped))

    def for_empty(self) -> Wording:
        """What would stand in an empty cell."""
        return Wording(
            "", self._spelled(self._words.get(Status.DONE)), self._spelled(self._words.get(Status.DROPPED))
        )

    def _spelled(self, word: str | None) -> str | None:
        # Where the file's own glyphs are double-encoded, a new one has to look the same.
        return damage(word) if word is not None and self._damaged else word


def stage_of_cell(columns: Columns, row: int) -> str | None:
    """What a row's stage column names, as a heading would spell it: "1" under "Phase" is "Phase 1"."""
    column = columns.first(Role.STAGE)
    if column is None:
        return None
    text = columns.text(row, column)
    if not text or EMPTY.fullmatch(text.casefold()):
        return None
    if columns.kind and re.match(r"\d", text) and not read_stage_name(text).kind:
        return f"{columns.headers[column]} {text}"
    return text


def cell_span(columns: Columns, row: int, column: int) -> Span | None:
    """The bytes of a cell's text."""
    cell = columns.cell(row, column)
    return cell.span if cell is not None else None
