"""URLs of this slice."""

from django.urls import URLPattern, path

from ofx.core.ui import views

urlpatterns: list[URLPattern] = [
    path("ui/", views.kit, name="ui-kit"),
    path("ui/part/", views.kit_part, name="ui-kit-part"),
]
