"""URLs of this slice."""

from django.urls import URLPattern, path

from partners.reach import views

urlpatterns: list[URLPattern] = [path("reach/", views.reach, name="reach")]
