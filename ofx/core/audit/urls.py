"""URL of the audit."""

from django.urls import URLPattern, path

from ofx.core.audit import views

urlpatterns: list[URLPattern] = [path("audit/", views.audit, name="audit")]
