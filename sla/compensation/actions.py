"""Who is in the scheme; new rates."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from sla.compensation.models import CompensationCover, CompensationRate


class RateInvalid(ValueError):
    """A rate that is known already with another amount, or an event that there is not."""


def set_cover(
    *, actor: User | None, at: datetime, organisation: Organisation, customer: Organisation | None, covered: bool
) -> CompensationCover:
    """Put all customers of a provider, or one of them, into the scheme or out of it. Twice is once."""
    permit(actor, "compensation.write")
    acting = actor.acting if actor else None
    if acting is not None and acting.organisation_id != organisation.pk:
        raise PermissionDenied("That is for the provider's own people.")
    if customer is not None and customer.provider_id != organisation.pk:
        raise PermissionDenied("This customer belongs to another service provider.")
    with transaction.atomic():
        known = CompensationCover.objects.filter(organisation=organisation, customer=customer).first()
        if known is not None and known.covered == covered:
            return known
        row, _ = CompensationCover.objects.update_or_create(
            organisation=organisation, customer=customer, defaults={"covered": covered, "changed_at": at}
        )
        subject = f"organisation:{organisation.pk}"
        told = {"customer_id": customer.pk if customer else None, "covered": covered}
        verb = "put into compensation" if covered else "took out of compensation"
        record(actor=actor, subject=subject, verb=verb, at=at, organisation_id=organisation.pk, **told)
        publish("compensation.cover_changed", subject, at=at, organisation_id=organisation.pk, **told)
    return row


def load_rates(*, rows: Iterable[tuple[str, date, Decimal, str]], read_on: date) -> int:
    """Add rates (event, effective from, amount, source). Known ones are passed over. Returns how many were new.

    Raises RateInvalid: what was in force is never changed, because cases were computed by it.
    """
    fresh = 0
    with transaction.atomic():
        for event, day, amount, source in rows:
            if event not in CompensationRate.Event.values:
                raise RateInvalid(f"“{event}” is no event. Possible: {', '.join(CompensationRate.Event.values)}.")
            row, new = CompensationRate.objects.get_or_create(
                scheme="GB-AUTOMATIC", event=event, effective_from=day,
                defaults={"amount": amount, "source": source[:200], "read_on": read_on},
            )  # fmt: skip
            if row.amount != amount:
                raise RateInvalid(f"{event} from {day} is known as {row.amount}, not {amount}.")
            fresh += new
    return fresh
