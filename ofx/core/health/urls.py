"""The health page."""

from django.urls import path

from ofx.core.health import views

urlpatterns = [path("healthz", views.healthz, name="healthz")]
