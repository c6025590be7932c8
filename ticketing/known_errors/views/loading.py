"""Who is let in, and the one record that a page is about."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from ofx.core.request import UserRequest
from ofx.core.scoping import may
from ticketing.known_errors.actions import is_owner
from ticketing.known_errors.models import KnownError

STAFF = ("service_provider", "exchange")


def staff_only(request: UserRequest) -> None:
    """Raise PermissionDenied for operators and customers."""
    acting = request.user.acting
    if acting is None or acting.organisation.kind not in STAFF:
        raise PermissionDenied("Known errors are for the service provider's staff. For help, see “Get help”.")


def records(request: UserRequest) -> QuerySet[KnownError]:
    """Records that the user may see."""
    return KnownError.objects.visible_to(request.user).select_related("operator", "organisation", "alike")


def record_or_404(request: UserRequest, reference: str) -> KnownError:
    """One of them, for staff."""
    staff_only(request)
    return get_object_or_404(records(request), reference=reference)


def own_record(request: UserRequest, reference: str) -> KnownError:
    """One that the user's organisation owns. Raises PermissionDenied for the exchange's, which others only read."""
    article = record_or_404(request, reference)
    if not is_owner(user=request.user, article=article):
        raise PermissionDenied("This record belongs to the exchange. Draft one of your own where yours differs.")
    return article


def rights(request: UserRequest, article: KnownError | None = None) -> dict[str, Any]:
    """What the page offers."""
    mine = article is None or is_owner(user=request.user, article=article)
    return {
        "may_write": mine and may(request.user, "knowledge.write"),
        "may_approve": mine and may(request.user, "knowledge.approve"),
    }
