"""Who may come in: people of a customer. Everybody else is told where theirs is; another's row is not there at all."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from ofx.core.scoping import permit
from ticketing.models import Complaint, Ticket


def customer_only(request: HttpRequest) -> Any:
    """The membership of a customer's person. Raises PermissionDenied for everybody else."""
    acting: Any = getattr(request.user, "acting", None)
    if acting is None or acting.organisation.kind != "customer":
        raise PermissionDenied("These pages are for customers. Staff find the same under Tickets.")
    return acting


def fault_or_404(request: HttpRequest, reference: str) -> Ticket:
    """The fault, if it is theirs: one's own, or for a customer's administrator those of all its people."""
    rows = Ticket.objects.visible_to(request.user).select_related("organisation", "service", "reported_by")
    found = get_object_or_404(rows, reference=reference)
    customer_only(request)
    return found


def complaint_or_404(request: HttpRequest, reference: str) -> Complaint:
    """The complaint, for its customer and for the provider's staff; operators have none."""
    wanted = ("ticket", "customer", "organisation", "made_by")
    rows = Complaint.objects.visible_to(request.user).select_related(*wanted)
    return get_object_or_404(rows, reference=reference)


def writes(request: HttpRequest) -> None:
    """Raise PermissionDenied unless the person may report and answer."""
    permit(request.user, "ticket.report")
