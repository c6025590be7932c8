"""URLs of this slice."""

from django.urls import URLPattern, path

from partners.operators import views

urlpatterns: list[URLPattern] = [
    path("operators/", views.operators, name="operators"),
    path("operators/<slug:code>/", views.operator, name="operator"),
]
