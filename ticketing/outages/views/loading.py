"""How every view finds its row: through the scoped door, else 404; refusals in words."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from ofx.core.models import Organisation
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition
from ticketing.outages.keys import ScopeInvalid
from ticketing.outages.models import Outage

REFUSALS = (IllegalTransition, ScopeInvalid)


def outage_of(request: UserRequest, reference: str) -> Outage:
    """The outage, if the user may see it."""
    rows = Outage.objects.visible_to(request.user).select_related("organisation", "operator", "approved_by")
    return get_object_or_404(rows, reference=reference)


def writable(request: UserRequest, reference: str) -> Outage:
    """The outage, if the user may see it (else 404) and write outages (else 403)."""
    outage = outage_of(request, reference)
    permit(request.user, "outage.write")
    return outage


def provider_of(request: UserRequest) -> Organisation:
    """The service provider that the user works for, or is a customer of."""
    assert request.user.acting is not None
    organisation = request.user.acting.organisation
    return organisation.provider if organisation.kind == "customer" and organisation.provider else organisation


def act(request: UserRequest, outage: Outage, text: str, action: Any, /, **values: Any) -> HttpResponse:
    """Call one action and go back to the outage; its refusal becomes a message."""
    try:
        action(actor=request.user, **values)
    except REFUSALS as error:
        messages.error(request, str(error))
    else:
        messages.success(request, text)
    return redirect(outage)
