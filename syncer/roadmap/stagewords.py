"""Words that make a heading a stage, a criteria list, or neither. Data only.

Spelling is canonical: lower case, no markup. Collected from public roadmaps.
"""

from __future__ import annotations

import re

KINDS = re.compile(
    r"(?:(?:post|pre|sub)[- ]?)?"
    r"(?:phases?|stages?|milestones?|sprints?|iterations?|releases?|versions?|weeks?|waves?|increments?"
    r"|release candidate|quarter|pi|epoch"
    r"|etap[ay]?|этап|фаза|стадия|спринт|веха|версия|неделя|фаз[аи]"
    r"|fases?|etapas?|hitos?|marcos?|versión|versão|semanas?"
    r"|phase|étapes?|etapes?|jalons?|palier|semaine"
    r"|phasen?|meilensteine?|etappen?|stufen?|woche"
    r"|faza|kamień milowy|fáze|etapy?|milník"
    r"|aşama|faz|kilometre taşı|sürüm|hafta"
    r"|fasi|tappa|traguardo|versione"
    r"|faser?|milepæl|milstolpe|mijlpaal|mijlpalen"
    r"|giai đoạn|tahap|fase|tonggak|mốc"
    r"|阶段|階段|里程碑|迭代|冲刺|版本|フェーズ|ステージ|マイルストーン|スプリント|バージョン|段階|단계|마일스톤|스프린트|버전"
    r"|مرحله|فاز|المرحلة|مرحلة|שלב|אבן דרך|φάση|चरण|ระยะ|เฟส)"
)
"""A word that, with a number, names a stage."""

ALONE = re.compile(
    r"mvp(?: ?[+\d][\w.]*)?|pre-?alpha|alpha|beta|(?:public|private|closed|open) (?:alpha|beta)|gamma|rc|ga"
    r"|release|release candidate|launch|general availability|public launch|prototype|poc|proof of concept"
    r"|initial release|first release|final release|stable release|minimum viable product|pilot"
    r"|v\d+|альфа|бета|релиз|αlpha|正式版|公开测试|内测|公测|アルファ|ベータ|リリース|알파|베타|출시"
)
"""What names a stage without a number."""

WRAPPERS = re.compile(
    r"(?:the |our |project |product |development |delivery |implementation )*"
    r"(?:road ?map|phases|stages|milestones|releases|versions|sprints|plan|timeline|deliverables|tasks|todo|to-?do"
    r"|фазы|этапы|дорожная карта|阶段|里程碑|路线图|フェーズ|ロードマップ|로드맵|fases|etapas|hitos|feuille de route"
    r"|meilensteine|yol haritası)(?: list| overview| plan)?"
)
"""Headings that collect stages and are none."""

NOT_A_STAGE = re.compile(
    r".*\b(?:status|summary|summaries|overview|snapshot|history|metrics|kpis?|criteria|actions?|steps|notes?|progress"
    r"|change ?log|archive|legend|references|resources|risks?|assumptions|dependenc(?:y|ies)|current focus|questions"
    r"|principles|guidelines?|conventions|decisions|documentation standards|traceability|gates?|quick wins"
    r"|状态|概览|概述|总结|历史|更新日志|图例|说明|備考|凡例|概要|履歴|ステータス|進捗|개요|상태|статус|обзор|история|легенда|примечания"
    r"|estado|resumen|historial|leyenda|notas|statut|résumé|historique|légende|übersicht|zusammenfassung|hinweise"
    r"|durum|özet|notlar)$"
    r"|(?:how|about|next|immediate|using|notes?|what|why|who|where|definition) .*"
    r"|(?:backlog|icebox|someday|ideas?|wish ?list|parking lot|nice to haves?|done|completed?|finished|shipped"
    r"|in progress|doing|todo|to do|open|planned|upcoming|next|now|later|future|future work|bugs?|known issues"
    r"|introduction|background|vision|goals?|key|faq|appendix|links|glossary|license|contributing|misc(?:ellaneous)?"
    r"|已完成|进行中|待办|待辦|计划中|完了|進行中|未着手|완료|진행 중|сделано|выполнено|в работе|план)"
)
"""Names that keep a heading of the stage level from being a stage, numbered ones excepted."""

CRITERIA = re.compile(
    r"\bcriteria\b|\bcriterion\b|\bdefinition of (?:done|ready)\b|\b(?:quality|release|exit|phase) gates?\b"
    r"|\bsuccess (?:metrics?|measures?|indicators?|kpis?)\b|(?:^|\s)(?:metrics|kpis)$|\bacceptance (?:tests?|checks?)$"
    r"|критери[ийев]+|критерії|определение готовности|验收标准|验收条件|成功标准|成功指标|完成标准|退出标准|完了条件|受け入れ基準"
    r"|受入基準|成功基準|완료 조건|성공 기준|인수 조건|criterios?|critérios?|critères?|kriterien|abnahmekriterien|kriterler[i]?"
    r"|criteri|criteria's|kriterier|kryteria|kritéria|tiêu chí|kriteria|معیار|معايير|קריטריונים|κριτήρια"
)
"""Headings whose boxes are conditions to be met, not work to be done."""

LEGEND = re.compile(
    r"(?:status |symbol |color |colour |icon |checkbox |task )*(?:legend|key|symbols?|notation)(?: .*)?"
    r"|leyenda|légende|legende|легенда|обозначения|图例|圖例|状态说明|凡例|범례|durum(?: açıklaması)?|lejant|legenda|راهنما"
)
"""Headings of lists that explain marks."""

HISTORY = re.compile(
    r"\b(?:change ?log|history|release notes)$|^(?:recent |latest |notable )?changes$|^(?:更新日志|变更记录|変更履歴|更新履歴|변경 이력|история изменений|historial(?: de cambios)?"
    r"|historique(?: des changements)?|änderungs(?:protokoll|verlauf)|değişiklik günlüğü)$"
)
"""Headings of what happened, whose lists are no plan."""

OUTSIDE = re.compile(
    r"^(?:out[ -]of[ -]scope|non-?goals|not in scope|explicitly excluded|exclusions|won'?t do|not doing|rejected ideas"
    r"|table of contents|contents|toc|目录|目次|mục lục|índice|sommaire|inhalt(?:sverzeichnis)?|оглавление|содержание"
    r"|范围外|スコープ外|対象外|fuera de alcance|hors périmètre|вне области)\b.*"
)
"""Headings of what is expressly not planned, and of tables of contents."""

GUIDE = re.compile(
    r"^(?:how (?:to|we)|using this|usage|guidelines?|conventions|instructions|contributing|workflow|format"
    r"|使用说明|使用方法|如何使用|使い方|사용법|как пользоваться|cómo usar|comment utiliser|nasıl kullanılır)\b.*"
)
"""Headings of notes about the document itself."""

FUTURE = re.compile(r"\b(?:future|someday|icebox|v\d+ requirements)\b")
"""Headings of what comes after the plan."""

NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7",
    "viii": "8", "ix": "9", "x": "10", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6",
    "七": "7", "八": "8", "九": "9", "十": "10", "eins": "1", "zwei": "2", "drei": "3", "uno": "1", "dos": "2",
    "tres": "3", "un": "1", "deux": "2", "trois": "3", "первый": "1", "второй": "2", "третий": "3",
}  # fmt: skip
"""Numbers that stage headings write out."""
