"""URLs of personal data."""

from django.urls import URLPattern, path, re_path

from ofx.core.personal import views

urlpatterns: list[URLPattern] = [
    path("accounts/data/", views.data, name="personal_data"),
    path("accounts/data/live/", views.live, name="personal_data_live"),
    re_path(r"^accounts/data/(?P<kind>export|erasure)/$", views.ask, name="personal_data_ask"),
    path("accounts/data/<int:pk>/download/", views.download, name="personal_data_download"),
]
