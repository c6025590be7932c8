"""URLs of the partner portal."""

from django.urls import URLPattern, path

from ofx.portal.partner import batch_views, fault_links, faults, links, views

urlpatterns: list[URLPattern] = [
    path("partner/", views.home, name="partner-home"),
    path("partner/orders/", views.orders, name="partner-orders"),
    path("partner/orders/<str:our_key>/", views.order, name="partner-order"),
    path("partner/orders/<str:our_key>/<slug:verb>/", views.answer, name="partner-answer"),
    path("partner/faults/", faults.faults, name="partner-faults"),
    path("partner/faults/<str:our_key>/", faults.fault, name="partner-fault"),
    path("partner/faults/<str:our_key>/<slug:kind>/", faults.answer, name="partner-fault-answer"),
    path("partner/history/", views.history, name="partner-history"),
    path("partner/to-answer.csv", batch_views.download, name="partner-download"),
    path("partner/answers/", batch_views.upload, name="partner-answers"),
    path("partner/answers/send/", batch_views.send, name="partner-answers-send"),
    path("partner/fault-link/<str:token>/", fault_links.fault_link, name="partner-fault-link"),
    path("partner/link/<str:token>/", links.link, name="partner-link"),
]
