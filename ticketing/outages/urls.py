"""URLs of outages, planned works and the public status page."""

from django.urls import URLPattern, path, re_path

from ticketing.outages.views import acts, lists, page, status, works

urlpatterns: list[URLPattern] = [
    path("status/<slug:slug>/", status.status, name="status-page"),
    path("outages/", lists.outages, name="outages"),
    path("outages/new/", lists.declare, name="outage-new"),
    path("outages/attach/", acts.attach_many, name="outage-attach-many"),
    path("outages/report/", lists.report, name="outage-report"),
    path("outages/proposals/", lists.proposals, name="outage-proposals"),
    path("outages/topology/", works.topology, name="outage-topology"),
    path("outages/works/", works.works, name="outage-works"),
    path("outages/works/add/", works.add, name="outage-works-add"),
    path("outages/works/<int:pk>/", works.notice, name="outage-notice"),
    path("outages/<str:reference>/", page.outage, name="outage"),
    path("outages/<str:reference>/live/", page.live, name="outage-live"),
    path("outages/<str:reference>/preview/", page.preview, name="outage-preview"),
    path("outages/<str:reference>/receipts/", lists.receipts, name="outage-receipts"),
    path("outages/<str:reference>/update/", acts.update, name="outage-update"),
    path("outages/<str:reference>/clear/", acts.clear, name="outage-clear"),
    path("outages/<str:reference>/attach/", acts.attach, name="outage-attach"),
    re_path(r"^outages/(?P<reference>[^/]+)/(?P<word>approve|reject|reopen|close)/$", acts.simple, name="outage-act"),
    re_path(
        r"^outages/(?P<reference>[^/]+)/children/(?P<pk>[0-9]{1,12})/(?P<word>detach|works|own)/$",
        acts.child,
        name="outage-child",
    ),
]
