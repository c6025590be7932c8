"""Who may come in: people of an operator. Everybody else is told so; another operator's order is not there at all."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone

from ofx.core.clock import now
from ofx.orders.models import PartnerOrder
from ofx.portal.partner.queries import one
from partners.models import Operator


def operator_only(request: HttpRequest) -> Operator:
    """The operator that the person acts for. Raises PermissionDenied for everybody else."""
    acting: Any = getattr(request.user, "acting", None)
    if acting is None or acting.organisation.kind != "operator":
        raise PermissionDenied("These pages are for the people of an operator.")
    found = Operator.objects.visible_to(request.user).first()
    if found is None:
        raise PermissionDenied("Your organisation sells nothing on the exchange yet. Ask the exchange.")
    return found


def order_or_404(request: HttpRequest, our_key: str) -> PartnerOrder:
    """The order, if it was placed with the person's operator."""
    operator_only(request)
    found = one(request.user, our_key, timezone.localdate(now()))
    if found is None:
        raise Http404
    return found
