"""The product's URLs, a view that answers a constant, and a view that does one indexed query."""

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

ONE_QUERY = """
SELECT id, footprint_id, country, level, key, technology, status, available_from, down_mbps, up_mbps, lead_days
FROM partners_footprintrow WHERE country = 'GB' AND key = %s AND level = 'postcode'
"""


def constant(request: HttpRequest) -> HttpResponse:
    """What Django and the web server cost by themselves."""
    return HttpResponse(b'{"ok": true}', content_type="application/json")


def one_query(request: HttpRequest) -> HttpResponse:
    """One indexed query on the table that search reads, through the same pool."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_QUERY, [request.GET["postcode"]])
        rows = cursor.fetchall()
    return HttpResponse(orjson.dumps(rows), content_type="application/json")


urlpatterns = [
    path("bench/constant", constant),
    path("bench/one-query", one_query),
    path("", include("ofx.urls")),
]
