"""Words of durations and periods, as headings put them into brackets. Data only."""

from __future__ import annotations

import re

_UNIT = (
    r"days?|weeks?|wks?|months?|mos?|quarters?|years?|yrs?|hours?|hrs?|h|d|w|wk|sprints?|sessions?"
    r"|дн(?:ей|я|и)?|день|недел[ьяи]|месяц(?:а|ев)?|часов|часа|тиж(?:день|ні|нів)|днів|місяц(?:ь|і|ів)"
    r"|天|周|週|个月|個月|月|ヶ月|か月|日|年|週間|日間|小时|時間|주|개월|일|시간"
    r"|semanas?|meses|mês|mes|días?|dias?|horas?"
    r"|semaines?|mois|jours?|heures?|wochen?|monate?|monat|tage?|stunden?|hafta(?:lık)?|ay|gün|saat"
    r"|settiman[ae]|mes[ei]|giorn[oi]|weken|maanden|dagen|uger|måneder|dage|veckor|månader|dagar"
    r"|tygodni(?:e|a)?|miesiąc(?:e)?|miesięcy|dni|týdn[yů]|týden|měsíc(?:e|ů)?|dny|tuần|tháng|ngày|minggu"
    r"|bulan|hari"
    r"|هفته|ماه|روز|أسبوع|أسابيع|شهر|أشهر|יום|ימים|שבוע|שבועות|חודש|חודשים|สัปดาห์|เดือน|วัน"
)
MONTHS = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
_WORD = (
    rf"(?:{_UNIT}|{MONTHS}|q[1-4]|h[12]|current(?:ly)?|now|today|est\.?|estimated?|approx\.?|about|around"
    rf"|ca\.?"
    r"|weekend|to|until|through|by|mid|early|late|end|of|the|and|due|target|eta|start(?:ing)?|ongoing|each"
    r"|spring|summer|autumn|fall|winter|текущ(?:ий|ая)|сейчас|当前|目前|現在|现在|actual|actuel|aktuell"
    r"|şu an|attuale)"
)
TIMING = re.compile(
    rf"(?:[\s~≈+\-–—/,.:&→]|\d+(?:[.,]\d+)?(?:st|nd|rd|th)?|{_WORD}(?![^\W\d_]))+", re.IGNORECASE
)
"""A text that holds nothing but durations, periods and their small words."""

HAS_TIME = re.compile(
    rf"\d\+?[\s-]*(?:{_UNIT})(?![^\W\d_])|(?:{_UNIT})\s*\d|\d{{4}}"
    rf"|\b(?:{MONTHS}|q[1-4]|h[12]|current(?:ly)?|now|ongoing|weekend|текущ(?:ий|ая)|сейчас|actual|actuel"
    rf"|aktuell)(?!\w)"
    r"|当前|目前|現在|现在|şu an",
    re.IGNORECASE,
)
"""What a timing has to hold at least: a number of units, a month, a year, or the present."""

CURRENT = re.compile(
    r"\b(?:current(?:ly)?|now|active|in progress|текущ(?:ий|ая)|сейчас|actuel|aktuell|şu an|attuale)\b"
    r"|当前|目前|現在|现在",
    re.IGNORECASE,
)
"""What says that something is being worked on."""

_DUE_WORD = (
    r"(?:target|due|planned|expected|release|ship|delivery|completion|end|finish|launch)(?:[ -]?(?:date"
    r"|by))?"
    r"|deadline|eta|by|until|before|срок|дедлайн|до|к|термін|до кінця|截止(?:日期|时间)?|目标(?:日期)?|预计"
    r"|计划|完成日期"
    r"|目標日期|期限|期日|予定日?|締切|締め切り|目標日?|마감일?|목표일?|기한|예정일?"
    r"|fecha(?: límite| objetivo| prevista| de entrega)?|hasta|prazo|até|data (?:alvo|limite|prevista"
    r"|de entrega)"
    r"|échéance|date (?:cible|limite|prévue|de livraison)|avant|jusqu'au|livraison"
    r"|termin|frist|zieldatum|fällig(?: am)?|bis|fälligkeit(?:sdatum)?|abgabe"
    r"|son tarih|hedef(?: tarih)?|teslim(?: tarihi)?|bitiş(?: tarihi)?|scadenza|entro|data di (?:scadenza"
    r"|consegna)"
    r"|streefdatum|opleverdatum|deadline datum|uiterlijk|tot|forfald(?:en|sdato)?|senest|måldato"
    r"|förfallodatum|senast"
    r"|termin(?: realizacji)?|do|termín|hạn(?: chót)?|ngày hoàn thành|tenggat(?: waktu)?|batas waktu"
    r"|target selesai"
    r"|موعد(?: نهائي)?|الموعد النهائي|تاریخ (?:هدف|سررسید)|مهلت|תאריך יעד|עד|προθεσμία|नियत तिथि|กำหนดส่ง"
)
DUE_LABEL = re.compile(_DUE_WORD, re.IGNORECASE)
"""What a date that something is due by is called."""

DUE_NOTE = re.compile(rf"(?:(?:{_DUE_WORD})\s*[:：]?\s*)?(?P<date>\d{{4}}-\d{{2}}-\d{{2}})", re.IGNORECASE)
"""A note that holds such a date and nothing else."""

GOAL_LABEL = re.compile(
    r"(?:(?:phase|stage|milestone|sprint|release) )?(?:goals?|objectives?|aims?|purpose|intent)|ziele?"
    r"|objectifs?|but|objetivos?|meta"
    r"|цел[ьи]|задача этапа|мета|目标|目的|目標|ゴール|목표|amaç|hedef|obiettiv[oi]|scopo|doel|doelen|mål"
    r"|cele?|cíl(?:e)?"
    r"|mục tiêu|tujuan|sasaran|هدف|الهدف|מטרה|στόχος|लक्ष्य|เป้าหมาย",
    re.IGNORECASE,
)
"""What a stage's goal is called."""
