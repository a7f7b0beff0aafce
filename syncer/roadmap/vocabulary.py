"""The vocabulary of states: words and glyphs collected from public roadmaps in two dozen languages.

Data only; :mod:`syncer.roadmap.words` reads it. Spelling is canonical: lower case, no markup.
"""

from __future__ import annotations

from syncer.model.fields import Status

WORDS: dict[Status, str] = {
    Status.OPEN: """
        open|planned|plan|pending|todo|to do|to-do|not started|not yet started|unstarted|not begun|new|queued
        |scheduled|upcoming|next|next phase|next up|up next|ready|ready for implementation|ready to start
        |proposed|draft|tbd|tba|unreleased|waiting|blocked|on hold|onhold|paused|stalled|not done|incomplete|untested
        |missing|in backlog|backlog|unassigned|idle|awaiting|not implemented|reopened|not ready
        |计划中|計劃中|计划|待做|待办|待辦|待开始|未开始|未開始|待处理|未着手|予定|計画中|未対応|保留|예정|대기|미착수|계획
        |planejada|planejado|pendente|a fazer|por fazer|não iniciado|não iniciada|aberto|aberta|bloqueado
        |à faire|a faire|prévu|prévue|planifié|planifiée|en attente|non commencé|ouvert|bloqué|à venir
        |pendiente|planeado|planificado|planificada|por hacer|sin empezar|no iniciado|abierto
        |bekliyor|planlandı|planlanan|planlı|yapılacak|başlanmadı|beklemede|açık
        |geplant|offen|ausstehend|nicht begonnen|zu tun|blockiert|wartet
        |запланирован|запланирована|запланированы
        |запланировано|планируется|не начато|ожидает|ожидание|открыто|к выполнению|в планах|заблокировано|план
        |заплановано|очікує|не розпочато|da fare|pianificato|in attesa|non iniziato|aperto
        |gepland|te doen|niet gestart|planlagt|ikke startet|afventer|planerad|ej påbörjad|väntar|planlagt
        |zaplanowane|do zrobienia|oczekuje|nierozpoczęte|naplánováno|čeká|nezahájeno|plánováno
        |chưa bắt đầu|chưa làm|đang chờ|kế hoạch|belum|belum dimulai|rencana|direncanakan|menunggu
        |برنامه‌ریزی شده|در انتظار|شروع نشده|مخطط|قيد الانتظار|لم يبدأ|מתוכנן|ממתין|לא התחיל
        |προγραμματισμένο|εκκρεμεί|योजनाबद्ध|लंबित|วางแผน|รอ|ยังไม่เริ่ม
    """,
    Status.IN_PROGRESS: """
        in progress|in-progress|inprogress|wip|work in progress|active|ongoing|started|doing|current|underway
        |under way|in development|in dev|developing|in review|reviewing|review|under review|in testing|testing
        |in work|partial|partially|partially complete|partially completed|partially done|partly done|partly
        |mostly done|mostly complete|almost done|nearly done|half done|in flight|being worked on|started work
        |implementing|in implementation|in qa|qa
        |进行中|進行中|開発中|开发中|部分完成|一部完了|対応中|作業中|测试中|진행|진행중|진행 중|개발중|개발 중
        |en cours|en développement|partiel|partielle|en progreso|en curso|en desarrollo|en proceso|parcial
        |em andamento|em progresso|em desenvolvimento|devam|devam ediyor|sürüyor|yapılıyor|geliştiriliyor|kısmi
        |in arbeit|in bearbeitung|laufend|läuft|begonnen|teilweise|в работе|в процессе|выполняется|делается
        |начато|в разработке|частично|в роботі|виконується|частково|in corso|in lavorazione|bezig|in uitvoering
        |i gang|igang|pågår|påbörjad|pågående|w toku|w trakcie|probíhá|rozpracováno|đang làm|đang thực hiện
        |đang tiến hành|sedang berjalan|sedang dikerjakan|berjalan|در حال انجام|قيد التنفيذ|جاري|בתהליך|בעבודה
        |σε εξέλιξη|प्रगति में|กำลังดำเนินการ|กำลังทำ
    """,
    Status.DONE: """
        done|complete|completed|finished|shipped|released|closed|resolved|implemented|merged|delivered|live
        |fixed|achieved|deployed|launched|ready for production|production ready|fully complete|fully completed
        |fully done|core complete|all complete|feature complete|all done|complete and tested|verified
        |passed|passing|satisfied|validated|published|signed off
        |完了|已完成|完成|已发布|已實現|已实现|実装済み|対応済み|実装完了|済|完了済み|완료|완료됨|구현 완료
        |terminé|terminée|fait|faite|fini|livré|achevé|complet|completado|completada|hecho|terminado|listo|lista
        |finalizado|concluída|concluído|concluido|concluida|feito|feita|pronto|entregue|completo|completa
        |tamamlandı|tamam|bitti|yapıldı|tamamlanan|erledigt|fertig|abgeschlossen|umgesetzt|veröffentlicht
        |готово|выполнено|завершено|сделано|реализовано|закрыто|завершён|завершен|виконано|зроблено|готовий
        |completato|fatto|finito|pronto|klaar|gereed|voltooid|afgerond|færdig|udført|afsluttet|klar|klart|slutförd
        |ferdig|fullført|gotowe|zrobione|ukończone|zakończone|hotovo|dokončeno|splněno
        |hoàn thành|xong|đã xong|đã hoàn thành|selesai|sudah|انجام شد|تکمیل شد|تمام شد|مكتمل|تم|تم الإنجاز
        |הושלם|בוצע|ολοκληρώθηκε|έτοιμο|पूर्ण|เสร็จ|เสร็จสิ้น|เสร็จแล้ว
    """,
    Status.DROPPED: """
        cancelled|canceled|dropped|deferred|won't do|wont do|won't fix|wontfix|won't|rejected|abandoned|obsolete
        |declined|skipped|not planned|out of scope|removed|superseded|postponed|discarded|void|duplicate
        |not needed|not applicable|n/a|withdrawn|parked|descoped
        |取消|已取消|放弃|已放弃|废弃|已废弃|中止|キャンセル|見送り|취소|취소됨|보류
        |annulé|annulée|abandonné|reporté|cancelado|cancelada|descartado|aplazado|adiado|adiada
        |iptal|iptal edildi|ertelendi|abgebrochen|verworfen|verschoben|gestrichen|zurückgestellt
        |отменено|отложено|отклонено|скасовано|відкладено|annullato|rimandato|geannuleerd|vervallen|uitgesteld
        |annulleret|udskudt|avbruten|uppskjuten|anulowane|odrzucone|odłożone|zrušeno|odloženo
        |hủy|đã hủy|hoãn|dibatalkan|batal|ditunda|لغو شد|ملغى|מבוטל|נדחה|ακυρώθηκε|रद्द|ยกเลิก
    """,
    Status.FUTURE: """
        future|later|someday|icebox|long term|long-term|idea|wishlist|nice to have|stretch|stretch goal
        |future work|未来|将来|將來|長期|향후|futur|futuro|gelecek|zukunft|будущее|в будущем|майбутнє|futuro
    """,
}

AMBIGUOUS = """
    open|plan|new|next|next up|up next|ready|ready to start|draft|missing|in backlog|backlog|idle|untested
    |active|started|doing|current|review|in review|under review|reviewing|testing|in testing|qa|in qa|developing
    |implementing|partial|partly|live|closed|fixed|passed|passing|satisfied|validated|verified|published|achieved
    |production ready|ready for production|feature complete|removed|void|duplicate|parked|future|later|someday
    |icebox|long term|long-term|idea|wishlist|nice to have|stretch|stretch goal|future work|implementation
    |计划|план|plano|plan|completo|completa|listo|lista|pronto|pronta|klar|tamam|aberto|abierto|offen|aperto|açık
    |未来|将来|將來|長期|향후|futur|futuro|gelecek|zukunft|будущее|в будущем|майбутнє|計画|计划中|전체
"""
"""Status words that name work as often as they name a state."""

GLYPHS: dict[str, Status] = {
    **dict.fromkeys("✅✔☑✓🗹", Status.DONE),
    **dict.fromkeys("🚧🔄⏳🏗◐🏃⌛🔨🛠⚙◑◒🟦🔵", Status.IN_PROGRESS),
    **dict.fromkeys("⬜🔲📋○⚪☐🗓📅💤⏸⛔🔜📝⏰◯▢□", Status.OPEN),
    **dict.fromkeys("❌🗑✗✘🚫⊘", Status.DROPPED),
    **dict.fromkeys("🔮💡💭🧊", Status.FUTURE),
}
# In front of a word these say how urgent or how well, not how far: the word alone decides.
NOT_ALONE = frozenset("⚙🛠🔨📝📅🗓⏰💡💭🟦🔵🏃💤📋")


# The word that takes over when work goes on, per word; both ends in canonical spelling. Pairs are
# (open, done) of one family, so that "Pending" answers to "Complete" and "Planned" to "Completed".
DONE_ANSWERS = """
    pending=complete|planned=completed|in progress=completed|not started=complete|todo=done|to do=done
    |open=closed|new=done|queued=done|scheduled=completed|upcoming=completed|wip=done|active=completed
    |ongoing=completed|started=completed|doing=done|proposed=done|blocked=done|on hold=done|partial=complete
    |testing=done|in review=done|backlog=done|tbd=done|ready=done|draft=done|unreleased=released|incomplete=complete
    |missing=done|next=done|not done=done|not implemented=implemented|under review=done|in development=completed
    |计划中=已完成|待做=已完成|待办=已完成|未开始=已完成|进行中=已完成|計劃中=已完成|待辦=已完成|未開始=已完成|开发中=已完成|待开始=已完成
    |未着手=完了|予定=完了|進行中=完了|対応中=完了|作業中=完了|開発中=完了|未対応=対応済み|예정=완료|진행=완료|진행중=완료|진행 중=완료
    |대기=완료|미착수=완료
    |planejada=concluída|planejado=concluído|pendente=concluído|a fazer=feito|em andamento=concluído
    |à faire=terminé|a faire=terminé|prévu=terminé|en attente=terminé|en cours=terminé|prévue=terminée
    |pendiente=completado|planeado=completado|planificado=completado|por hacer=hecho|en progreso=completado
    |en curso=completado|bekliyor=tamamlandı|planlandı=tamamlandı|yapılacak=tamamlandı|devam=tamamlandı
    |devam ediyor=tamamlandı|beklemede=tamamlandı
    |geplant=erledigt|offen=erledigt|ausstehend=erledigt|in arbeit=erledigt|zu tun=erledigt
    |запланировано=выполнено|планируется=выполнено|не начато=завершено|ожидает=выполнено|в работе=выполнено
    |в процессе=завершено|к выполнению=выполнено|заплановано=виконано|очікує=виконано|в роботі=виконано
    |da fare=fatto|pianificato=completato|in corso=completato|te doen=klaar|gepland=klaar|bezig=klaar
    |planlagt=færdig|i gang=færdig|planerad=klar|pågår=klar|zaplanowane=ukończone|do zrobienia=zrobione
    |w toku=ukończone|naplánováno=hotovo|čeká=hotovo|probíhá=hotovo|chưa bắt đầu=hoàn thành|chưa làm=hoàn thành
    |đang làm=hoàn thành|đang thực hiện=hoàn thành|belum=selesai|rencana=selesai|sedang berjalan=selesai
    |در انتظار=انجام شد|در حال انجام=انجام شد|مخطط=مكتمل|قيد التنفيذ=مكتمل|ממתין=הושלם|מתוכנן=הושלם|בתהליך=הושלם
"""
OPEN_ANSWERS = """
    complete=pending|completed=planned|done=todo|closed=open|finished=planned|released=planned|implemented=planned
    |shipped=planned|fixed=open|resolved=open|已完成=计划中|完了=予定|완료=예정|concluída=planejada|concluído=pendente
    |feito=a fazer|terminé=à faire|terminée=à faire|completado=pendiente|hecho=por hacer|tamamlandı=bekliyor
    |erledigt=offen|fertig=offen|готово=запланировано|выполнено=запланировано|завершено=не начато
    |виконано=заплановано|completato=pianificato|fatto=da fare|klaar=te doen|færdig=planlagt|klar=planerad
    |ukończone=zaplanowane|zrobione=do zrobienia|hotovo=naplánováno|hoàn thành=chưa bắt đầu|selesai=belum
    |انجام شد=در انتظار|مكتمل=مخطط|הושלם=ממתין
"""
GLYPH_DONE = {"○": "✓", "◐": "✓", "◯": "✓", "☐": "☑", "□": "☑", "▢": "☑"}
GLYPH_OPEN = {"✓": "○", "☑": "☐", "✅": "⬜", "✔": "○"}
