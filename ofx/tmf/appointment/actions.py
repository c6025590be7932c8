"""What a buyer's system makes of visits, through the actions that the pages call."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from ofx.core.models import User
from ofx.orders.actions.appointing import (
    OutcomeUnknown,
    SlotRefused,
    cancel_appointment,
    confirm_appointment,
    rebook_appointment,
    reserve_slot,
)
from ofx.orders.models import Appointment, PartnerOrder
from ofx.tmf.appointment.models import BuyerVisit
from ofx.tmf.rest.errors import Conflict, invalid

Json = dict[str, Any]


def book(
    *, actor: User, part: PartnerOrder, start: datetime, end: datetime, external_id: str, given: Json, at: datetime
) -> Appointment:
    """Reserve a slot. The same externalId gives the same visit. While it is not known whether the partner has
    reserved it, the visit stands as initialized and is looked up.

    Raises ValidationError for a bad slot, Conflict where the partner refuses, IllegalTransition.
    """
    organisation = part.organisation_id
    known = BuyerVisit.objects.filter(organisation=organisation, external_id=external_id or None).first()
    if known:
        return known.appointment
    try:
        row = reserve_slot(actor=actor, at=at, partner_order=part, start=start, end=end)
    except OutcomeUnknown:
        row = Appointment.objects.filter(partner_order=part).latest("pk")
    except SlotRefused as error:
        raise Conflict(str(error)) from error
    except ValueError as error:
        raise invalid("validFor", str(error)) from error
    _keep(row, external_id, given, at)
    return row


def _keep(row: Appointment, external_id: str, given: Json, at: datetime) -> None:
    values = {"organisation": row.organisation, "external_id": external_id, "given": given, "created_at": at}
    try:
        with transaction.atomic():
            BuyerVisit.objects.get_or_create(appointment=row, defaults=values)
    except IntegrityError as error:  # two visits under one externalId at the same moment
        raise Conflict(f"The externalId {external_id} is taken by another appointment.") from error


def alter(*, actor: User, visit: Appointment, wanted: Json, at: datetime) -> Appointment:
    """Another slot, another status, other words; `wanted` holds `slot`, `status` and `given` where they change.

    Raises ValidationError, Conflict, IllegalTransition. What the partner has not answered yet is looked up.
    """
    try:
        if "slot" in wanted:
            start, end = wanted["slot"]
            visit = rebook_appointment(actor=actor, at=at, appointment=visit, start=start, end=end)
        if wanted.get("status") == "confirmed":
            visit = confirm_appointment(actor=actor, at=at, appointment=visit)
        if wanted.get("status") == "cancelled":
            visit = cancel_appointment(actor=actor, at=at, appointment=visit)
    except OutcomeUnknown:
        visit.refresh_from_db()
    except SlotRefused as error:
        raise Conflict(str(error)) from error
    except ValueError as error:
        raise invalid("validFor", str(error)) from error
    if wanted.get("given") is not None:
        _keep(visit, "", {}, at)
        BuyerVisit.objects.filter(appointment=visit).update(given=wanted["given"])
    return visit
