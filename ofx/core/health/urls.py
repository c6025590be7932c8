"""The pages that machines ask."""

from django.urls import path

from ofx.core.health import metrics, views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
]
