"""URLs of compensation."""

from django.urls import URLPattern, path

from sla.compensation import views

urlpatterns: list[URLPattern] = [
    path("my/compensation/", views.mine, name="my-compensation"),
    path("compensation/", views.terms, name="compensation-terms"),
]
