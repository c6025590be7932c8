"""URLs of this slice; the list itself composes several packages and is the portal's."""

from django.urls import URLPattern, path

from partners.operators import views

urlpatterns: list[URLPattern] = [
    path("operators/<slug:code>/", views.operator, name="operator"),
]
