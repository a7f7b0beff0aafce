"""Labels of fields and columns that speak of priority, owner, tags, estimate or due date."""

from __future__ import annotations

import re

KINDS = {
    "priority": re.compile(
        r"priority|prio|优先级|優先級|優先度|우선순위|prioridad|prioridade|priorité|priorità|priorität|приоритет"
        r"|пріоритет|öncelik|prioritet|prioritas"
    ),
    "owner": re.compile(
        r"owners?|assignees?|assigned(?: to)?|responsible|dri|负责人|負責人|担当|担当者|담당자|responsable"
        r"|responsável|verantwortlich|zuständig|ответственный|исполнитель|відповідальний|sorumlu"
    ),
    "labels": re.compile(r"labels?|tags?|标签|標籤|ラベル|метки|теги|etiquetas|étiquettes"),
    "estimate": re.compile(
        r"estimates?|estimated|estimation|effort|size|(?:story )?points|工时|估算|工数|見積|оценка|оцінка"
        r"|aufwand|estimación|estimativa|tahmin"
    ),
}
DUE = re.compile(
    r"due(?: date)?|target(?: date)?|deadline|by|eta|截止日期?|期限|期日|срок|дедлайн|frist|échéance"
)
PRIORITIES = {
    word: meaning
    for meaning, words in {
        "critical": "critical|urgent|blocker|紧急|緊急|критический|срочно|crítica|critique|kritisch|kritik",
        "highest": "highest|very high",
        "high": "high|高|높음|высокий|высокая|високий|alta|alto|haute|élevée|hoch|yüksek|tinggi|cao",
        "medium": "medium|med|normal|moderate|中|보통|средний|средняя|середній|media|médio|média|moyenne"
        "|mittel|orta|sedang",
        "low": "low|低|낮음|низкий|низкая|низький|baja|baixa|basse|faible|niedrig|gering|düşük|rendah|thấp",
        "lowest": "lowest|very low",
    }.items()
    for word in words.split("|")
}
