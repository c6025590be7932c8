"""My work."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from ofx.core.request import UserRequest
from ofx.core.ui.tables import table_page
from ofx.orders.tables import OrderTable
from ofx.orders.views.lists import staff_only
from ofx.portal.work import queries

KEPT = ("reference", "customer", "state", "holder", "blocked", "next_action", "target")


class MyOrders(OrderTable):
    """The person's own open orders."""

    columns = tuple(column for column in OrderTable.columns if column.key in KEPT)
    filterset_class = None
    empty_title = "No order is yours"
    empty_text = "An order that you place, or that is handed over to you, stands here until it has ended."
    default_order = "target_date"


@login_required
@require_safe
def mine(request: UserRequest) -> HttpResponseBase:
    """What do I look after, and what happened to it?"""
    staff_only(request)
    context = {
        "title": "My work",
        "question": "What do I look after, and what happened to it?",
        "watched": queries.watched(request.user),
        "alerts": queries.latest_alerts(request.user),
    }
    return table_page(request, MyOrders, queries.owned(request.user), "ofx/portal/work.html", context)
