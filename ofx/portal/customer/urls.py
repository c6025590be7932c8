"""URLs of the customers' portal; /help/ is the guides'."""

from django.urls import URLPattern, path, re_path

from ofx.portal.customer import complaint_views, links, notice_views, views, visits

F = "my/faults/<str:reference>/"

urlpatterns: list[URLPattern] = [
    path("my/orders/", views.orders, name="my-orders"),
    path("my/connections/", views.services, name="my-services"),
    path("my/connections/<str:reference>/", views.service, name="my-service"),
    path("my/faults/", views.faults, name="my-faults"),
    path(F, views.fault, name="my-fault"),
    path(F + "live/", views.live, name="my-fault-live"),
    path(F + "write/", views.write, name="my-fault-write"),
    path(F + "works/", views.confirm, name="my-fault-works"),
    path(F + "still/", views.still, name="my-fault-still"),
    path(F + "files/<int:number>/", views.file, name="my-fault-file"),
    path("my/notifications/", notice_views.notifications, name="my-notifications"),
    path("notices/<str:token>/", notice_views.stop, name="notice-stop"),
    path("fixed/<str:token>/", links.fixed, name="fault-fixed"),
    path("my/visits/<int:pk>/", visits.visit, name="my-visit"),
    path("my/visits/<int:pk>/confirm/", visits.confirm, name="my-visit-confirm"),
    path("complaints/", complaint_views.complaints, name="complaints"),
    path("complaints/new/", complaint_views.new, name="complaint-new"),
    path("complaints/<str:reference>/", complaint_views.complaint, name="complaint"),
    re_path(
        r"^complaints/(?P<reference>[^/]+)/(?P<word>answer|further|close)/$", complaint_views.act, name="complaint-act"
    ),
]
