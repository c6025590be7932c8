"""The reach page: what we can order where, and what one more agreement would add."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from ofx.core.ui.tables import table_page
from partners.reach import queries
from partners.reach.models import ReachLine
from partners.reach.tables import ReachTable

FULL_FIBRE = "FTTP"


@login_required
@require_GET
def reach(request: HttpRequest) -> HttpResponseBase:
    """Premises and postcodes by area under our agreements, on-net and off-net, and with one more."""
    acting = getattr(request.user, "acting", None)
    if acting is None or acting.organisation.kind != "service_provider":
        raise PermissionDenied("Reach is counted for service providers. Operators see theirs on their own page.")
    user = request.user
    technologies, countries = queries.technologies_of(user), queries.countries_of(user)
    technology = _technology(request.GET.get("technology"), technologies)
    country = request.GET.get("country", "") if request.GET.get("country") in countries else ""
    gains = queries.gains(user, technology=technology, country=country)
    chosen = next((one for one in gains if one["operator__code"] == request.GET.get("add")), None)
    rows = queries.lines(
        user, technology=technology, country=country, operator=chosen["operator__code"] if chosen else ""
    )
    context = {
        "title": "Reach",
        "question": "What can we order where, and what would one more agreement add?",
        "totals": queries.totals(rows.order_by()),
        "gains": gains[:12],
        "all_gains": gains,
        "chosen": chosen,
        "asked": {"technology": technology, "country": country},
        "technologies": technologies,
        "countries": countries,
        "counted": queries.counted(user),
        "agreed": queries.agreed(user),
        "dots": [_dot(row) for row in rows.exclude(lat=None).order_by("pk")],
    }
    return table_page(request, ReachTable, rows, "partners/reach/page.html", context)


def _technology(asked: str | None, known: list[str]) -> str:
    """The chosen technology; full fibre where nothing was chosen, since some technology or other is nearly anywhere."""
    if asked is None:
        return FULL_FIBRE if FULL_FIBRE in known else ""
    return asked if asked in known else ""


def _dot(row: ReachLine) -> dict[str, Any]:
    """An area on the map."""
    return {
        "area": row.area,
        "name": row.name,
        "country": row.country,
        "lat": row.lat,
        "lon": row.lon,
        "known": row.postcodes_known,
        "on": row.on_postcodes,
        "postcodes": row.postcodes,
        "adds": row.adds_postcodes,  # type: ignore[attr-defined]
    }
