"""The directory of operators: who there is, how far they reach, how well they deliver, where we stand with each."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from ofx.core.ui.tables import table_page
from ofx.portal.directory.queries import market
from ofx.portal.directory.tables import MarketTable
from partners.operators.views import staff_only


@login_required
@require_GET
def operators(request: HttpRequest) -> HttpResponseBase:
    """Which operators are there, how well do they deliver, and where do we stand with each?"""
    staff_only(request)
    context = {
        "title": "Operators",
        "question": "Which operators are there, how well do they deliver, and where do we stand with each?",
    }
    return table_page(request, MarketTable, market(request.user), context=context)
