"""URLs of the desk: the board, tickets and what is done with them."""

from django.urls import URLPattern, path

from ticketing.tickets.views import acts, bulk, lists, mail, opening, page, partner, setup, shift

T = "tickets/<str:reference>/"

urlpatterns: list[URLPattern] = [
    path("tickets/", lists.tickets, name="tickets"),
    path("tickets/board/", lists.board, name="ticket-board"),
    path("tickets/caller/", opening.lookup, name="ticket-lookup"),
    path("tickets/new/", opening.new, name="ticket-new"),
    path("tickets/bulk/<slug:word>/", bulk.bulk, name="tickets-bulk"),
    path("tickets/handover/", shift.handover, name="ticket-handover"),
    path("tickets/handover/<int:number>/", shift.taken, name="ticket-handover-taken"),
    path("tickets/minutes/", shift.report, name="ticket-minutes"),
    path("tickets/setup/", setup.setup, name="ticket-setup"),
    path("tickets/setup/macros/new/", setup.macro, name="ticket-macro-new"),
    path("tickets/setup/macros/<int:number>/", setup.macro, name="ticket-macro"),
    path("tickets/setup/macros/<int:number>/delete/", setup.macro_delete, name="ticket-macro-delete"),
    path("tickets/setup/steps/<slug:fault_class>/", setup.checklist, name="ticket-checklist"),
    path("tickets/setup/partners/<slug:code>/", setup.rules, name="ticket-rules"),
    path("tickets/mail/", mail.queue, name="ticket-mails"),
    path("tickets/mail/<int:number>/", mail.mail, name="ticket-mail"),
    path("tickets/mail/<int:number>/settle/", mail.settle, name="ticket-mail-settle"),
    path(T, page.ticket, name="ticket"),
    path(T + "live/", page.live, name="ticket-live"),
    path(T + "timeline/", page.timeline, name="ticket-timeline"),
    path(T + "files/<int:number>/", page.attachment, name="ticket-file"),
    path(T + "time/", shift.time, name="ticket-time"),
    path(T + "take/", acts.take, name="ticket-take"),
    path(T + "assign/", acts.assign, name="ticket-assign"),
    path(T + "change/", acts.change, name="ticket-change"),
    path(T + "wait/", acts.wait, name="ticket-wait"),
    path(T + "resolve/", acts.resolve, name="ticket-resolve"),
    path(T + "tsc/", acts.tsc, name="ticket-tsc"),
    path(T + "merge/", acts.merge, name="ticket-merge"),
    path(T + "split/", acts.split, name="ticket-split"),
    path(T + "link/", acts.link, name="ticket-link"),
    path(T + "note/", acts.note, name="ticket-note"),
    path(T + "steps/<int:position>/", acts.step, name="ticket-step"),
    path(T + "raise/", partner.raise_it, name="ticket-raise"),
    path(T + "test/", partner.test, name="ticket-test"),
    path(T + "partner/answer/", partner.answer, name="ticket-partner-answer"),
    path(T + "partner/withdraw/", partner.withdraw, name="ticket-partner-withdraw"),
    path(T + "why/<slug:word>/", acts.why, name="ticket-why"),
    path(T + "do/<slug:word>/", acts.simple, name="ticket-simple"),
]
