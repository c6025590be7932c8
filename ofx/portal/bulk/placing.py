"""The worker's part: a row at a time becomes an order, by the same actions as the form, once."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from ofx.core.celery_wake import wake
from ofx.core.models import Membership, Organisation, User
from ofx.core.transitions import transition
from ofx.orders import actions as orders
from ofx.orders.queries import customers_of
from ofx.portal.bulk.models import BatchRow, OrderBatch
from ofx.search.places import UnknownPlace
from ofx.search.queries import qualify, spot_by_id
from ofx.search.ranking import ACCESSORIES
from partners.coverage.normalise import display
from partners.models import Offering

log = logging.getLogger(__name__)
LEASE_SECONDS = 60
CLAIM = """
UPDATE portal_orderbatch SET state = 'running', attempt = attempt + 1,
    lease_until = statement_timestamp() + %(lease)s * interval '1 second'
WHERE id = %(batch)s AND (state = 'queued' OR (state = 'running' AND lease_until < statement_timestamp()))
RETURNING attempt
"""
GO_ON = """
UPDATE portal_orderbatch SET lease_until = statement_timestamp() + %(lease)s * interval '1 second'
WHERE id = %(batch)s AND attempt = %(attempt)s AND state = 'running'
"""
Clock = Callable[[], datetime]


class NoOrder(ValueError):
    """This row becomes no order; the text says why and what to do."""


def place(batch_id: int, clock: Clock) -> int:
    """Place what waits in one batch. Returns how many rows were worked; 0 where another worker has it."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"batch": batch_id, "lease": LEASE_SECONDS})
        found = cursor.fetchone()
    if not found:
        return 0
    batch = OrderBatch.objects.select_related("organisation", "customer", "created_by").get(pk=batch_id)
    actor = _actor(batch)
    done = 0
    while (row := batch.rows.filter(state="waiting").order_by("line").first()) and _ours(batch, int(found[0])):
        _one(batch, row, actor, clock())
        done += 1
    _finish(batch, int(found[0]), clock())
    return done


def _ours(batch: OrderBatch, attempt: int) -> bool:
    """Whether the batch is still this attempt's; extends the lease."""
    with connection.cursor() as cursor:
        cursor.execute(GO_ON, {"batch": batch.pk, "attempt": attempt, "lease": LEASE_SECONDS})
        return cursor.rowcount == 1


def _finish(batch: OrderBatch, attempt: int, at: datetime) -> None:
    with transaction.atomic():
        current = OrderBatch.objects.select_for_update().get(pk=batch.pk)
        if current.state == "running" and current.attempt == attempt and not current.rows.filter(state="waiting"):
            transition(current, "done", at=at, actor=None, ended_at=at, lease_until=None)


def _actor(batch: OrderBatch) -> User | None:
    """Who began the batch, acting for its organisation, as long as they still may; else nobody."""
    user = batch.created_by
    if user is not None:
        user.acting = Membership.objects.filter(user=user, organisation=batch.organisation_id).first()
    return user


def _one(batch: OrderBatch, row: BatchRow, actor: User | None, at: datetime) -> None:
    """One row: its order, or why there is none. Never raises for what the row holds."""
    try:
        order = _draft(batch, row, actor, at)
    except (NoOrder, UnknownPlace, PermissionDenied) as error:
        BatchRow.objects.filter(pk=row.pk).update(state="failed", problem=str(error)[:500])
        return
    except Exception as error:
        log.exception("a row of an order batch failed", extra={"batch": batch.pk, "line": row.line})
        why = f"It failed by itself ({type(error).__name__}); order it by hand."
        BatchRow.objects.filter(pk=row.pk).update(state="failed", problem=why)
        return
    state, problem = "draft", ""
    if batch.submit:
        state, problem = _submitted(order, actor, at)
    BatchRow.objects.filter(pk=row.pk).update(state=state, problem=problem[:500], order=order)


def _submitted(order: Any, actor: User | None, at: datetime) -> tuple[str, str]:
    """Sent; what keeps it from being sent leaves a draft with the reason."""
    try:
        orders.submit_order(actor=actor, order=order, at=at)
    except orders.OrderInvalid as error:
        return "draft", str(error)
    except Exception as error:
        log.exception("an order of a batch could not be sent", extra={"order": order.pk})
        return "draft", f"It could not be sent ({type(error).__name__}); submit the draft by hand."
    return "sent", ""


def _draft(batch: OrderBatch, row: BatchRow, actor: User | None, at: datetime) -> Any:
    if actor is None or actor.acting is None:
        raise NoOrder("Whoever began this batch no longer works here. Begin a new one.")
    offer = choose(batch, row, at)
    customer = _customer(batch, row, actor, at)
    offering = Offering.objects.select_related("operator").get(pk=offer["id"])
    code = display(row.place.country, row.place.code)
    text = f"{row.address.text}, {code}" if row.address else code
    site = orders.Site(
        place_text=text,
        postcode=row.place.code,
        country=row.place.country,
        place=row.place,
        address=row.address,
        requested_date=batch.requested_date,
        contact_name=row.contact_name or batch.contact_name,
        contact_phone=row.contact_phone or batch.contact_phone,
        contact_email=row.contact_email or batch.contact_email,
    )
    return orders.create_order(
        actor=actor,
        organisation=batch.organisation,
        customer=customer,
        lines=[orders.Line(offering=offering)],
        site=site,
        at=at,
        idempotency_key=f"batch:{batch.pk}:{row.line}",
        external_id=row.reference,
    )


def choose(batch: OrderBatch, row: BatchRow, at: datetime) -> dict[str, Any]:
    """The offer that the rule picks among those that can be ordered there now. Raises NoOrder."""
    spot = spot_by_id(row.place_id, row.address_id)
    offers = qualify(organisation=batch.organisation, at=at, spot=spot).offers
    fits = [one for one in offers if one["orderable"] and one["kind"] not in ACCESSORIES]
    if batch.rule == "operator":
        fits = [one for one in fits if one["operator"]["id"] == batch.operator_id]
    if not fits:
        raise NoOrder("Nothing that fits the rule can be ordered here any more.")
    if batch.rule == "cheapest":
        priced = [one for one in fits if one["price"] and one["kind"] == fits[0]["kind"]]
        return min(priced or fits, key=lambda one: float(one["price"]["monthly"]) if one["price"] else 0.0)
    return fits[0]


def _customer(batch: OrderBatch, row: BatchRow, actor: User, at: datetime) -> Organisation:
    if not row.customer:
        if batch.customer is None:
            raise NoOrder("The row names no customer, and none was chosen for such rows.")
        return batch.customer
    named = Q(name__iexact=row.customer) | Q(account_number__iexact=row.customer)
    found = list(customers_of(batch.organisation).filter(named)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise NoOrder(f"Several customers are called “{row.customer}”. Use the account number.")
    if not batch.make_customers:
        raise NoOrder(f"No customer is called “{row.customer}”.")
    return orders.create_customer(actor=actor, organisation=batch.organisation, name=row.customer, at=at)


def sweep(clock: Clock) -> int:
    """Ring for batches that wait or whose worker died; work one here where no broker hears."""
    done = 0
    due = Q(state="queued") | Q(state="running", lease_until__lt=Now())
    for pk in OrderBatch.objects.filter(due).order_by("pk").values_list("pk", flat=True)[:20]:
        if not wake("ofx.portal.bulk.tasks.place", pk):
            done += place(pk, clock)
    return done
