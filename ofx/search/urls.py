"""URLs of this slice."""

from django.urls import URLPattern, path, re_path

from ofx.search import views
from ofx.search.bulk import views as bulk
from ofx.search.live import views as live

urlpatterns: list[URLPattern] = [
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggestions, name="search-suggest"),
    path("search/addresses/", views.addresses, name="search-addresses"),
    path("search/around/", views.around, name="search-around"),
    path("search/compare/", views.compare, name="search-compare"),
    path("search/live/", live.live, name="search-live"),
    path("search/bulk/", bulk.runs, name="bulk"),
    path("search/bulk/new/", bulk.upload, name="bulk-new"),
    path("search/bulk/<int:pk>/", bulk.run, name="bulk-run"),
    path("search/bulk/<int:pk>/progress/", bulk.progress, name="bulk-progress"),
    path("search/bulk/<int:pk>/result.csv", bulk.download, {"kind": "csv"}, name="bulk-csv"),
    path("search/bulk/<int:pk>/result.xlsx", bulk.download, {"kind": "xlsx"}, name="bulk-xlsx"),
    re_path(r"^search/bulk/(?P<pk>[0-9]+)/(?P<word>pause|resume|cancel|delete)/$", bulk.act, name="bulk-act"),
    path("search/weights/", views.save, name="search-weights"),
]
