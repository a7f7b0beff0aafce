"""What the headers of tables say, in many languages. Data only.

Spelling is canonical: lower case, no markup.
"""

from __future__ import annotations

import re

from syncer.roadmap.words import unaccented


def _words(pattern: str) -> re.Pattern[str]:
    """A pattern for words without their accents, which many people leave out."""
    return re.compile(unaccented(pattern))


STATUS_HEADER = _words(
    r"(?:current |impl(?:ementation)? |overall |dev |task |build |phase |milestone )?(?:status|state"
    r"|progress)"
    r"|done\??|completed?\??|completion|stage status"
    r"|stand|zustand|fortschritt|estado(?: actual)?|situación|situação|progreso|progresso|avance|andamento"
    r"|statut|état|etat|avancement|stato|avanzamento|voortgang|stav|stan|postęp|fremskridt|fremdrift|läge"
    r"|tillstånd"
    r"|статус|состояние|прогресс|готовность|стан|прогрес|готовність"
    r"|状态|狀態|当前状态|进度|進度|进展|完成度|完成情况|ステータス|状態|状況|進捗|進捗状況|상태|진행 ?상태"
    r"|진행 ?상황|진행률|진척도"
    r"|durum|durumu|ilerleme|trạng thái|tiến độ|tình trạng|status pengerjaan|kemajuan"
    r"|وضعیت|پیشرفت|الحالة|حالة|التقدم|סטטוס|מצב|התקדמות|κατάσταση|πρόοδος|स्थिति|प्रगति|สถานะ|ความคืบหน้า"
    r"|állapot|tila"
)
STATUS_LABEL = _words(
    r"(?:current |overall |phase |stage |milestone )?(?:status|state)|статус|состояние|стан|状态|狀態"
    r"|当前状态|ステータス|状態"
    r"|상태|durum|estado|statut|état|stato|stav|stan|zustand|trạng thái|tình trạng|وضعیت|الحالة|סטטוס"
    r"|κατάσταση|स्थिति|สถานะ"
)
"""What stands in front of a status on a line of its own; a progress is derived and no status."""

ID_HEADER = _words(
    r"#|id|ids|no\.?|nr\.?|№|n[°º]|num(?:ber)?|key|ref(?:erence)?|code|ticket|issue"
    r"|(?:req(?:uirement)?|task|item|story|feature|work item|milestone|phase|epic) ?(?:id|#|no\.?|number"
    r"|key)"
    r"|编号|編號|序号|序號|番号|번호|номер|идентификатор|ид|код|ідентифікатор|número|numéro|numero|nummer"
    r"|numara|sıra"
    r"|kimlik|mã|mã số|kode|شناسه|رقم|المعرف|מזהה|מספר|αριθμός|κωδικός|क्रमांक|รหัส|ลำดับ|číslo|numer"
)
TEXT_HEADER = _words(
    r"(?:user |open |key )?(?:tasks?|items?|requirements?|features?|stor(?:y|ies)|work items?|to-?dos?"
    r"|actions?|action items?"
    r"|activit(?:y|ies)|deliverables?|issues?|improvements?|enhancements?|tickets?|jobs?|objectives?|goals?"
    r"|capabilit(?:y|ies)"
    r"|components?|modules?|checks?|bugs?|topics?|subjects?|work|epics?|description|summary|what"
    r"|initiatives?|projects?|steps?)"
    r"|задач[аи]|описание|требовани[ея]|функци[яи]|функционал|название|работы?|завдання|опис|вимог[аи]"
    r"|функці[яї]"
    r"|任务|任務|功能|需求|描述|事项|事項|内容|任务描述|任务名称|功能点|模块|工作项|タスク|機能|要件|項目"
    r"|作業|内容|概要|説明"
    r"|작업|기능|요구 ?사항|항목|설명|내용|할 일|과제"
    r"|tareas?|funcionalidad(?:es)?|requisitos?|descripción|actividad(?:es)?|tarefas?|descrição|atividades?"
    r"|recursos?"
    r"|tâches?|fonctionnalités?|exigences?|description|activités?|compiti|compito|attività|funzionalità"
    r"|requisiti|descrizione"
    r"|aufgaben?|funktion(?:en)?|anforderung(?:en)?|beschreibung|thema|maßnahmen?|görev(?:ler)?"
    r"|özellik(?:ler)?|açıklama|iş"
    r"|gereksinim(?:ler)?|taken|taak|omschrijving|functies?|opgaver?|beskrivelse|krav|oppgaver?"
    r"|uppgift(?:er)?|beskrivning"
    r"|zadani[ae]|zadanie|opis|wymagani[ae]|funkcj[ae]|úkoly?|popis|požadav(?:ek|ky)|funkce"
    r"|công việc|nhiệm vụ|mô tả|tính năng|yêu cầu|hạng mục|tugas|fitur|deskripsi|kebutuhan|pekerjaan"
    r"|وظیفه|کار|وظایف|شرح|توضیحات|قابلیت|ویژگی|المهمة|المهام|الوصف|الميزة|משימה|תיאור|תכונה"
    r"|εργασία|περιγραφή|λειτουργία|कार्य|विवरण|विशेषता|งาน|รายละเอียด|ฟีเจอร์|feladat|tehtävä"
)
NAME_HEADER = _words(
    r"name|milestone name|phase name|stage name|名称|名稱|名前|名|이름|назва|имя|nombre|nome|nom"
    r"|bezeichnung|naam|navn"
    r"|namn|nazwa|název|tên|nama|ad|adı|isim|نام|الاسم|שם|όνομα|नाम|ชื่อ"
)
TITLE_HEADER = _words(
    r"title|标题|標題|タイトル|제목|заголовок|título|titre|titolo|titel|başlık|tytuł|tiêu đề|judul|عنوان"
    r"|العنوان|כותרת"
)
"""Unlike a name, a title is never a person's."""

FOCUS_HEADER = _words(
    r"theme|focus|scope|area|主题|重点|テーマ|焦点|주제|тема|фокус|enfoque|foco|thème|schwerpunkt|odak|tema"
)
"""What a stage is about, where nothing names it."""

DATE_HEADER = _words(
    r"(?:target|due|planned|expected|estimated|release|delivery|launch|ship|end|completion"
    r"|finish) ?-?(?:date|by)"
    r"|date|due|deadline|eta|by|when|target completion|by when"
    r"|срок|сроки|дата|дедлайн|термін|截止(?:日期|时间)?|目标日期|计划日期|计划完成(?:时间|日期)?"
    r"|预计完成(?:时间|日期)?|日期|完成日期|期限|期日"
    r"|予定日|目標日|完了予定(?:日)?|締切|마감일?|목표일|날짜|예정일|기한"
    r"|fecha(?: límite| objetivo| prevista| de entrega)?|data(?: alvo| limite| prevista| de entrega)?|prazo"
    r"|échéance|date (?:cible|limite|prévue|de livraison)|fällig(?: am)?|fälligkeit|termin|zieldatum|frist"
    r"|abgabe"
    r"|tarih|hedef tarihi?|son tarih|teslim tarihi|bitiş tarihi|scadenza|data di scadenza|datum|streefdatum"
    r"|opleverdatum"
    r"|forfalden|forfaldsdato|dato|måldato|förfallodatum|termin realizacji|termín|hạn(?: chót)?|ngày"
    r"|tanggal|tenggat(?: waktu)?"
    r"|موعد|التاريخ|الموعد|تاریخ|مهلت|תאריך(?: יעד)?|ημερομηνία|προθεσμία|तिथि|วันที่|กำหนดส่ง"
)
PERHAPS_DATE_HEADER = _words(
    r"target|planned|expected|estimated|est|release|released|delivery|launch|ship|end|finish|timeline"
    r"|timeframe|schedule|completed"
    r"|время|план|时间|時間|计划|スケジュール|時期|시기|일정|plazo|zeitplan|zeitrahmen|zaman|zamanlama"
    r"|tempi|planning"
)
"""Headers that head dates only where there are some below them."""

VERSION_HEADER = _words(
    r"(?:target )?(?:version|release)|tag|版本|目标版本|バージョン|버전|версия|версія|versión|versão|sürüm"
    r"|versie|versione|wersja|verze"
)
COLLECTIVE_HEADING = re.compile(
    r".*\b(?:milestones?|phases|stages|releases|versions|sprints|iterations|road ?map|timeline|release plan"
    r"|schedule)"
    r"(?: overview| plan| status| summary| table)?"
    r"|.*(?:里程碑|阶段|路线图|マイルストーン|フェーズ|ロードマップ|마일스톤|로드맵|вехи|этапы"
    r"|дорожная карта|етапи"
    r"|hitos|marcos|fases|jalons|étapes|meilensteine|phasen|kilometre taşları|aşamalar|yol haritası|mốc"
    r"|giai đoạn|tonggak)"
)
"""Headings of tables whose dated rows are stages, whatever their columns are called."""
