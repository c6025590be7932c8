"""URLs of this slice."""

from django.urls import URLPattern, path

from ofx.search import views
from ofx.search.live import views as live

urlpatterns: list[URLPattern] = [
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggestions, name="search-suggest"),
    path("search/addresses/", views.addresses, name="search-addresses"),
    path("search/around/", views.around, name="search-around"),
    path("search/compare/", views.compare, name="search-compare"),
    path("search/live/", live.live, name="search-live"),
    path("search/weights/", views.save, name="search-weights"),
]
