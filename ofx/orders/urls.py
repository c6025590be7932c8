"""URLs of orders, the board, services and rules."""

from django.urls import URLPattern, path, re_path

from ofx.orders.views import acts, board, lists, owning, page, placing, rules, service, visits

ITEM = r"^orders/(?P<reference>[^/]+)/items/(?P<position>\d{1,4})/"

urlpatterns: list[URLPattern] = [
    path("orders/", lists.orders, name="orders"),
    path("orders/new/", placing.new, name="order-new"),
    path("orders/board/", board.board, name="order-board"),
    path("orders/customers/", lists.customers, name="order-customers"),
    path("orders/rules/", rules.rules, name="order-rules"),
    path("orders/rules/new/", rules.edit, name="order-rule-new"),
    path("orders/rules/<int:number>/", rules.edit, name="order-rule"),
    path("orders/rules/<int:number>/delete/", rules.delete, name="order-rule-delete"),
    path("orders/<str:reference>/", page.order, name="order"),
    path("orders/<str:reference>/live/", page.live, name="order-live"),
    path("orders/<str:reference>/timeline/", page.timeline, name="order-timeline"),
    path("orders/<str:reference>/owner/", owning.owner, name="order-owner"),
    path("orders/<str:reference>/edit/", placing.edit, name="order-edit"),
    path("orders/<str:reference>/submit/", placing.submit, name="order-submit"),
    path("orders/<str:reference>/reprice/", placing.reprice, name="order-reprice"),
    path("orders/<str:reference>/cancel/", acts.cancel, name="order-cancel"),
    path("orders/<str:reference>/note/", acts.note, name="order-note"),
    path("orders/<str:reference>/attach/", acts.attach, name="order-attach"),
    path("orders/<str:reference>/attachments/<int:number>/", page.attachment, name="order-attachment"),
    path("orders/<str:reference>/refresh/", acts.refresh, name="order-refresh"),
    path("orders/<str:reference>/claims/<int:number>/", acts.judge, name="order-judge"),
    re_path(ITEM + r"answer/$", acts.answer, name="order-answer"),
    re_path(ITEM + r"news/$", acts.news, name="order-news"),
    re_path(ITEM + r"amend/$", acts.amend, name="order-amend"),
    re_path(ITEM + r"charges/(?P<number>\d{1,12})/$", acts.consent, name="order-consent"),
    re_path(ITEM + r"visit/$", visits.book, name="order-visit"),
    re_path(ITEM + r"visit/outcome/$", visits.outcome, name="order-visit-outcome"),
    re_path(ITEM + r"visit/(?P<word>confirm|cancel)/$", visits.fix, name="order-visit-fix"),
    re_path(ITEM + r"charge/(?P<word>accept|decline)/$", acts.charge, name="order-charge"),
    re_path(ITEM + r"(?P<word>retry|accept|complete|release)/$", acts.simple, name="order-item"),
    path("services/", lists.services, name="services"),
    path("services/<str:reference>/", service.service, name="service"),
    path("services/<str:reference>/cease/", service.cease, name="service-cease"),
    path("services/<str:reference>/modify/", service.modify, name="service-modify"),
]
