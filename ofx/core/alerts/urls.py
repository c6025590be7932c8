"""URLs of alerts and watching."""

from django.urls import URLPattern, path

from ofx.core.alerts import views

urlpatterns: list[URLPattern] = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/bell/", views.bell, name="alerts-bell"),
    path("alerts/read/", views.read_all, name="alerts-read"),
    path("alerts/<int:pk>/", views.follow, name="alert"),
    path("watch/", views.watch, name="watch"),
]
