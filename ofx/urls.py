"""Every URL of the product."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from ofx import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api.urlpatterns)),  # first: it is asked most, and Django tries one after the other
    path("tmf-api/", include("ofx.tmf.urls")),
    path("", include("ofx.portal.urls")),
    path("", include("ofx.core.accounts.urls")),
    path("", include("ofx.core.personal.urls")),
    path("", include("ofx.core.audit.urls")),
    path("", include("ofx.core.alerts.urls")),
    path("", include("ofx.core.ui.urls")),
    path("", include("ofx.core.health.urls")),
    path("", include("ofx.search.urls")),
    path("", include("ofx.orders.urls")),
    path("", include("ticketing.tickets.urls")),
    path("", include("ticketing.outages.urls")),
    path("", include("ticketing.known_errors.urls")),
    path("", include("ticketing.guides.urls")),
    path("", include("sla.compensation.urls")),
    path("", include("partners.operators.urls")),
    path("", include("partners.agreements.urls")),
    path("", include("partners.reach.urls")),
    path("", include("partners.coverage.urls")),
    path("", include("ofx.tmf.pages")),
    path("", include("partners.conversations.urls")),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/v1/docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
]
handler400 = "ofx.core.ui.views.bad_request"
handler403 = "ofx.core.ui.views.forbidden"
handler404 = "ofx.core.ui.views.not_found"
handler500 = "ofx.core.ui.views.server_error"
