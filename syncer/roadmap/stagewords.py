"""Words that make a heading a stage, a criteria list, or neither. Data only.

Spelling is canonical: lower case, no markup. Collected from public roadmaps in two dozen languages.
"""

from __future__ import annotations

import re

KINDS = re.compile(
    r"(?:(?:post|pre|sub)[- ]?)?"
    r"(?:phases?|stages?|milestones?|sprints?|iterations?|releases?|versions?|weeks?|waves?|increments?"
    r"|cycles?"
    r"|batch(?:es)?|tranches?|release candidates?|quarters?|pi|epochs?"
    r"|etap[ay]?|этап[ыа]?|фаз[аы]|стадия|спринт[ыа]?|вех[аи]|версия|версии|неделя|недели|релиз[ыа]?"
    r"|етап[иа]?|фази|віх[аи]|версія|тиждень"
    r"|fases?|etapas?|hitos?|marcos?|versión|versiones|versão|versões|semanas?"
    r"|étapes?|etapes?|jalons?|paliers?|semaines?|lots?"
    r"|phasen|meilensteine?|etappen?|stufen?|wochen?"
    r"|faza|fazy|kamień milowy|kamienie milowe|wersj[ae]|tydzień|fáze|milníky?|verze|týden|fázis"
    r"|aşama(?:lar)?|faz(?:lar)?|evre|kilometre taş(?:ı|ları)|sürüm(?:ler)?|hafta(?:lar)?"
    r"|fasi|tapp[ae]|traguard[oi]|version[ei]|settiman[ae]|pietr[ae] miliar[ei]"
    r"|faser?|milepæle?|milstolpe|milstolpar|vecka|uge|uke|mijlpaal|mijlpalen|versies?|vaihe"
    r"|giai đoạn|mốc|phiên bản|tuần|tahap(?:an)?|tonggak|rilis|minggu"
    r"|阶段|階段|里程碑|迭代|冲刺|衝刺|版本|批次|フェーズ|ステージ|マイルストーン|スプリント|バージョン|段階"
    r"|단계|마일스톤|스프린트|버전|페이즈"
    r"|مرحله|فاز|نسخه|هفته|المرحلة|مرحلة|الإصدار|الأسبوع|שלב|אבן דרך|גרסה|φάση|στάδιο|ορόσημο|έκδοση|चरण"
    r"|ระยะที่|ระยะ|เฟส|ഘട്ടം)"
)
"""A word that, with a number, names a stage."""

PLURALS = {
    "batches": "batch",
    "phasen": "phase",
    "meilensteine": "meilenstein",
    "etappen": "etappe",
    "stufen": "stufe",
    "wochen": "woche",
    "этапы": "этап",
    "этапа": "этап",
    "фазы": "фаза",
    "вехи": "веха",
    "версии": "версия",
    "недели": "неделя",
    "спринты": "спринт",
    "релизы": "релиз",
    "етапи": "етап",
    "фази": "фаза",
    "віхи": "віха",
    "etapy": "etap",
    "fazy": "faza",
    "wersje": "wersja",
    "kamienie milowe": "kamień milowy",
    "milníky": "milník",
    "aşamalar": "aşama",
    "fazlar": "faz",
    "sürümler": "sürüm",
    "haftalar": "hafta",
    "kilometre taşları": "kilometre taşı",
    "fasi": "fase",
    "faser": "fase",
    "tappe": "tappa",
    "traguardi": "traguardo",
    "settimane": "settimana",
    "milepæle": "milepæl",
    "mijlpalen": "mijlpaal",
    "milstolpar": "milstolpe",
    "ระยะที่": "ระยะ",
    "المرحلة": "مرحلة",
}
"""Kind words whose singular is not made by leaving out an s."""

ALONE = re.compile(
    r"(?:(?:post|pre)[- ]?)?mvp(?: ?[+\d][\w.]*)?|pre-?alpha|alpha|beta|gamma|rc|ga|pilot|prototype|poc"
    r"|(?:public|private|closed|open) (?:alpha|beta|preview)|(?:post|pre)[- ]?(?:release|launch)"
    r"|release|release candidate|launch|general availability|public launch|soft launch|proof of concept"
    r"|initial release|first release|final release|stable release|minimum viable product|v\d+"
    r"|альфа|бета|релиз|запуск|正式版|公开测试|内测|公测|アルファ|アルファ版|ベータ|ベータ版|リリース|알파"
    r"|베타|출시"
    r"|lancement|lanzamiento|lançamento|lansman|veröffentlichung|lancio"
)
"""What names a stage without a number."""

WRAPPERS = re.compile(
    r"(?:the |our |project |product |development |delivery |implementation |detailed )*"
    r"(?:road ?map|phases|stages|milestones|releases|versions|sprints|plan|timeline|deliverables|tasks|todo"
    r"|to-?do"
    r"|фазы|этапы|дорожная карта|阶段|里程碑|路线图|フェーズ|ロードマップ|로드맵|fases|etapas|hitos"
    r"|feuille de route"
    r"|meilensteine|yol haritası)(?: list| overview| plan| details)?"
)
"""Headings that collect stages and are none."""

NOT_A_STAGE = re.compile(
    r".*\b(?:status|summary|summaries|overview|snapshot|history|metrics|kpis?|criteria|actions?|steps"
    r"|notes?|progress"
    r"|change ?log|archive|legend|references|resources|risks?|assumptions|dependenc(?:y|ies)|current focus"
    r"|questions"
    r"|principles|guidelines?|conventions|decisions|documentation standards|traceability|gates?|quick wins"
    r"|matrix"
    r"|priorit(?:y|ies)|tracks?|checklists?|backlog"
    r"|状态|概览|概述|总结|历史|更新日志|图例|说明|備考|凡例|概要|履歴|ステータス|進捗|개요|상태|статус"
    r"|обзор|история|легенда|примечания"
    r"|estado|resumen|historial|leyenda|notas|statut|résumé|historique|légende|übersicht|zusammenfassung"
    r"|hinweise"
    r"|durum|özet|notlar)$"
    r"|(?:how|about|next|immediate|using|notes?|what|why|who|where|definition) .*"
    r"|(?:backlog|icebox|someday|ideas?|wish ?list|parking lot|nice to haves?|done|completed?|finished"
    r"|shipped"
    r"|in progress|doing|todo|to do|open|planned|upcoming|next|now|later|future|future work|bugs?"
    r"|known issues"
    r"|introduction|background|vision|goals?|key|faq|appendix|links|glossary|license|contributing"
    r"|misc(?:ellaneous)?"
    r"|(?:short|mid|medium|near|long)[- ]?term(?: goals)?|unscheduled|deferred|blocked|cancelled|maintenance"
    r"|已完成|进行中|待办|待辦|计划中|短期|中期|长期|長期|完了|進行中|未着手|バックログ|완료|진행 중|백로그"
    r"|сделано|выполнено|в работе|план|бэклог|беклог)"
)
"""Names that keep a heading of the stage level from being a stage, numbered ones excepted."""

CRITERIA = re.compile(
    r"\b(?:exit|entry|success|acceptance|completion|done|readiness|release|launch|graduation|validation"
    r"|verification"
    r"|quality|pass(?:ing)?|review|ship(?:ping)?|gate|milestone|phase|stage|mvp|alpha|beta|rc"
    r"|go[/ -]no[- ]?go)"
    r" (?:criteria|criterion)\b|^(?:criteria|criterion)(?: (?:for|of|to) .*)?$"
    r"|\bdefinition of (?:done|ready)\b|\b(?:quality|release|exit|phase) gates?\b"
    r"|\b(?:success|key|quality|performance|target|adoption|business) (?:metrics?|measures?|indicators?"
    r"|kpis?)\b"
    r"|^(?:metrics|kpis|success looks like|done when|acceptance checks?)$"
    r"|критери[ийев]+|критерії|определение готовности"
    r"|验收标准|驗收標準|验收条件|成功标准|成功指标|完成标准|退出标准|完了条件|受け入れ基準|受け入れ条件"
    r"|受入基準|受入条件|成功基準"
    r"|완료 조건|완료 기준|성공 기준|인수 조건"
    r"|\bcriterios? de (?:aceptación|éxito|salida|finalización)|^criterios?$"
    r"|\bcritérios? de (?:aceitação|aceite|sucesso|saída|conclusão)|^critérios?$"
    r"|\bcritères? (?:d[e'’] ?)?(?:acceptation|succès|réussite|sortie|validation)|^critères?$"
    r"|(?:abnahme|erfolgs|akzeptanz|ausstiegs|abschluss|fertigstellungs)kriterien|^kriterien$"
    r"|(?:kabul|başarı|çıkış|tamamlanma) kriter(?:i|leri)\b|^kriterler$"
    r"|\bcriteri (?:di|d['’]) ?(?:accettazione|successo|uscita|completamento)|acceptatiecriteria"
    r"|succescriteria"
    r"|(?:accept|succes|godkendelses)kriterier|kryteria (?:akceptacji|sukcesu|ukończenia)"
    r"|(?:akceptační )?kritéria"
    r"|tiêu chí|kriteria (?:penerimaan|keberhasilan|selesai)|معیار|معايير|קריטריונים|κριτήρια"
)
"""Headings whose boxes are conditions to be met, not work to be done."""

LEGEND = re.compile(
    r"(?:status |symbol |color |colour |icon |emoji |checkbox |task |priority )*(?:legend|legends|key|keys"
    r"|symbols|notation)"
    r"(?: (?:and|&) (?:symbols|notation|conventions|status))?|legend\b.*"
    r"|leyenda|légende|legende|легенда|обозначения|условные обозначения|图例|圖例|状态说明|状态|凡例|범례"
    r"|durum(?: açıklaması)?"
    r"|lejant|legenda|راهنما"
)
"""Headings of lists that explain marks."""

HISTORY = re.compile(
    r"change ?log(?: .*)?|(?:plan|planning|project|document|revision|version|update|change|release"
    r"|roadmap) history"
    r"|history|(?:recent|latest|notable|recent notable) changes|changes"
    r"|更新日志|变更记录|变更历史|変更履歴|更新履歴|변경 이력|история изменений|журнал изменений"
    r"|historial de cambios"
    r"|historique des changements|änderungs(?:protokoll|verlauf)|değişiklik (?:günlüğü|geçmişi)"
    r"|registro de cambios"
)
"""Headings of what happened, whose lists are no plan."""

OUTSIDE = re.compile(
    r"(?:explicitly )?(?:out[ -]of[ -]scope|non-?goals|not in scope|excluded|exclusions|won'?t do|not doing"
    r"|not planned|rejected ideas|rejected)(?:\b[^\w]*.*)?"
    r"|table of contents|contents|toc|目录|目錄|目次|mục lục|índice|sommaire|inhalt|inhaltsverzeichnis"
    r"|оглавление|содержание"
    r"|范围外|不在范围内|スコープ外|対象外|범위 외|fuera de alcance|fora do escopo|hors périmètre"
    r"|вне области|außerhalb des umfangs"
)
"""Headings of what is expressly not planned, and of tables of contents."""

GUIDE = re.compile(
    r"how (?:to|we) (?:use|read|update|maintain|edit|contribute|work with|interpret)\b.*|how this (?:works"
    r"|document works).*"
    r"|using this .*|about this (?:document|file|roadmap|list).*|guidelines|conventions|instructions"
    r"|contributing"
    r"|(?:task|file|entry|item|document) (?:format|conventions?)"
    r"|使用说明|使用方法|如何使用|使い方|사용법|как пользоваться.*|cómo usar.*|comment utiliser.*"
    r"|nasıl kullanılır.*|como usar.*"
)
"""Headings of notes about the document itself."""

FUTURE = re.compile(r"\b(?:future|someday|icebox|v(?:[2-9]|\d\d+) requirements)\b")
"""Headings of what comes after the plan."""

TOTALS = re.compile(
    r"(?:grand |sub-?|overall )?totals?|sum|overall|summary|合计|合計|总计|總計|合计数|합계|итого|всего"
    r"|разом|gesamt|summe"
    r"|toplam|totaal|razem|celkem|tổng(?: cộng)?|जमा|סה\"כ|المجموع|مجموع|somme|suma|insgesamt|i alt"
)
"""What the first cell of a row of sums says."""

NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7",
    "viii": "8", "ix": "9", "x": "10", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6",
    "七": "7", "八": "8", "九": "9", "十": "10", "eins": "1", "zwei": "2", "drei": "3", "uno": "1", "dos": "2",
    "tres": "3", "un": "1", "deux": "2", "trois": "3", "один": "1", "два": "2", "три": "3",
    "الأولى": "1", "الثانية": "2", "الثالثة": "3", "الرابعة": "4", "الخامسة": "5", "السادسة": "6",
    "اول": "1", "دوم": "2", "سوم": "3", "چهارم": "4", "پنجم": "5", "א": "1", "ב": "2", "ג": "3", "ד": "4",
}  # fmt: skip
"""Numbers that stage headings write out behind the kind word."""

ORDINALS = {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6",
    "первый": "1", "второй": "2", "третий": "3", "четвёртый": "4", "четвертый": "4", "пятый": "5",
    "первая": "1", "вторая": "2", "третья": "3", "четвёртая": "4", "четвертая": "4", "пятая": "5",
    "перший": "1", "другий": "2", "третій": "3", "перша": "1", "друга": "2", "третя": "3",
    "erste": "1", "zweite": "2", "dritte": "3", "vierte": "4", "première": "1", "premier": "1", "deuxième": "2",
    "troisième": "3", "quatrième": "4", "primera": "1", "primer": "1", "segunda": "2", "segundo": "2",
    "tercera": "3", "tercer": "3", "cuarta": "4", "primeira": "1", "primeiro": "1", "terceira": "3", "terceiro": "3",
    "prima": "1", "seconda": "2", "terza": "3", "birinci": "1", "ikinci": "2", "üçüncü": "3", "dördüncü": "4",
    "første": "1", "anden": "2", "tredje": "3", "första": "1", "andra": "2", "eerste": "1", "tweede": "2",
    "derde": "3", "pierwszy": "1", "drugi": "2", "trzeci": "3", "první": "1", "druhá": "2", "třetí": "3",
}  # fmt: skip
"""Numbers that stage headings write out in front of the kind word."""
