"""How an outage comes to be: declared by staff, reported by a customer or partner, proposed by itself; approved."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from ofx.core.alerts.actions import tell
from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import Membership, Organisation, User
from ofx.core.scoping import permit
from ofx.core.transitions import transition
from partners.models import Operator
from ticketing.outages.actions.children import attach
from ticketing.outages.finding import affected
from ticketing.outages.keys import Key, ScopeInvalid, checked, scope_of
from ticketing.outages.models import Outage, OutageKey, OutageParty, OutageUpdate
from ticketing.outages.running import queue
from ticketing.tickets.models import Ticket

DESK = ("admin", "fault_desk")
MOST_FIRST = 500
WORDS_OPENED = "We know of a fault in your area and are working on it."
WORDS_PLANNED = "Work on the network is planned in your area. Your service may be interrupted."


def declare(
    *, actor: User | None, at: datetime, organisation: Organisation, title: str, keys: Iterable[Key],
    operator: Operator | None = None, public_text: str = "", internal_text: str = "", severity: str = "significant",
    impact: str = "down", started_at: datetime | None = None, expected_at: datetime | None = None,
    planned: bool = False, window_start: datetime | None = None, window_end: datetime | None = None,
    on_status_page: bool = True, partner_ref: str = "", idempotency_key: str = "", simulated: bool = False,
) -> Outage:  # fmt: skip
    """An outage that our desk knows of: open at once, its children found and told. Same key, same outage.

    Raises ScopeInvalid naming the field, PermissionDenied.
    """
    permit(actor, "outage.write")
    _own(actor, organisation)
    with transaction.atomic():
        outage, fresh = _create(
            actor=actor, at=at, organisation=organisation, title=title, keys=keys, operator=operator, source="staff",
            public_text=public_text, internal_text=internal_text, severity=severity, impact=impact,
            started_at=started_at, expected_at=expected_at, planned=planned, window_start=window_start,
            window_end=window_end, on_status_page=on_status_page, partner_ref=partner_ref,
            idempotency_key=idempotency_key, simulated=simulated,
        )  # fmt: skip
        if fresh:
            approve(outage=outage, actor=actor, at=at)
    return outage


def report(
    *, actor: User | None, at: datetime, organisation: Organisation, customer: Organisation | None, title: str,
    keys: Iterable[Key], text: str = "", external_id: str = "", severity: str = "significant", impact: str = "down",
    operator: Operator | None = None, tickets: Iterable[Ticket] = (), idempotency_key: str = "",
) -> Outage:  # fmt: skip
    """A customer's IT, or its own system (TMF656, a TMF621 parent), says that many are down: a candidate to approve."""
    permit(actor, "outage.report")
    acting: Any = getattr(actor, "acting", None)
    if acting is not None:
        own = (customer and customer.pk) if acting.organisation.kind == "customer" else organisation.pk
        if acting.organisation_id != own or (customer is not None and customer.provider_id != organisation.pk):
            raise PermissionDenied("You report for your own organisation only.")
    with transaction.atomic():
        outage, fresh = _create(
            actor=actor, at=at, organisation=organisation, title=title, keys=keys, operator=operator,
            source="customer", internal_text=text, external_id=external_id, severity=severity, impact=impact,
            idempotency_key=idempotency_key,
        )  # fmt: skip
        if fresh:
            if customer is not None:
                OutageParty.objects.create(
                    outage=outage, customer=customer, our_key=f"{outage.reference}-for-{customer.pk}",
                    external_id=external_id[:120], created_at=at,
                )  # fmt: skip
            _announce(outage, tickets, at, f"{customer or 'A customer'} reports an outage: {outage.title}")
    return outage


def from_partner(
    *, at: datetime, organisation: Organisation, operator: Operator, external_id: str, title: str,
    keys: Iterable[Key], text: str = "", started_at: datetime | None = None, expected_at: datetime | None = None,
    severity: str = "significant", impact: str = "down", planned: bool = False, window_start: datetime | None = None,
    window_end: datetime | None = None, source: str = "partner", simulated: bool = False,
) -> Outage:  # fmt: skip
    """A partner tells of its outage or works (TMF656, a notice). Known by its id: told twice is once."""
    with transaction.atomic():
        outage, fresh = _create(
            actor=None, at=at, organisation=organisation, title=title, keys=keys, operator=operator, source=source,
            internal_text=text, started_at=started_at, expected_at=expected_at, severity=severity, impact=impact,
            planned=planned, window_start=window_start, window_end=window_end, partner_ref=external_id,
            external_id=external_id, idempotency_key=f"{operator.code}:{external_id}"[:120], simulated=simulated,
        )  # fmt: skip
        if fresh:
            OutageParty.objects.create(
                outage=outage, operator=operator, our_key=f"{outage.reference}-at-{operator.pk}",
                external_id=external_id[:120], created_at=at,
            )  # fmt: skip
            _announce(outage, (), at, f"{operator} tells of {'works' if planned else 'an outage'}: {outage.title}")
    return outage


def propose(
    *, at: datetime, organisation: Organisation, key: Key, operator: Operator | None, title: str,
    evidence: dict[str, Any], tickets: Iterable[Ticket], started_at: datetime, simulated: bool = False,
) -> Outage | None:  # fmt: skip
    """A candidate that detection found. None where one about this key is under way."""
    name = f"{key[0]}:{key[1]}"[:120]
    try:
        with transaction.atomic():
            outage, _ = _create(
                actor=None, at=at, organisation=organisation, title=title, keys=[key], operator=operator,
                source="proposed", evidence=evidence, proposal_key=name, started_at=started_at, simulated=simulated,
            )  # fmt: skip
            _announce(outage, tickets, at, f"An outage is proposed: {outage.title}")
            return outage
    except IntegrityError:
        return None


def approve(*, outage: Outage, actor: User | None, at: datetime, public_text: str = "", title: str = "") -> Outage:
    """The candidate becomes the mother; who is affected is found and told. Approving twice is once."""
    _may(outage, actor)
    with transaction.atomic():
        outage = _locked(outage)
        if outage.state == "open":
            return outage
        words = public_text.strip() or outage.public_text or (WORDS_PLANNED if outage.planned else WORDS_OPENED)
        changes: dict[str, Any] = {"approved_at": at, "approved_by": actor, "public_text": words[:2000]}
        if title.strip():
            changes["title"] = title.strip()[:160]
        transition(outage, "open", at=at, actor=actor, **changes)
        first = OutageUpdate.objects.create(
            outage=outage, number=1, kind="opened", public_text=words[:2000], expected_at=outage.expected_at,
            internal_text=outage.internal_text, author=actor, at=at,
        )  # fmt: skip
        queue(outage=outage, kind="attach", at=at)
        queue(outage=outage, kind="places", at=at)
        queue(outage=outage, kind="update", update=first, at=at)
        _publish("outage.approved", outage, at)
    return outage


def reject(*, outage: Outage, actor: User | None, at: datetime, why: str) -> None:
    """It is no outage. Its tickets go their own way. Raises ScopeInvalid without a reason."""
    _may(outage, actor)
    if not why.strip():
        raise ScopeInvalid({"why": "Say why this is no outage: it is kept with the evidence."})
    with transaction.atomic():
        outage = _locked(outage)
        if outage.state == "rejected":
            return
        transition(outage, "rejected", at=at, actor=actor, why=why[:300], reason=why.strip()[:300], closed_at=at)
        outage.children.exclude(state="detached").update(state="detached", reason="no outage")


def _create(*, keys: Iterable[Key], title: str, **values: Any) -> tuple[Outage, bool]:
    """The row with its keys, or the one that this idempotency key made before."""
    organisation, at, actor = values["organisation"], values.pop("at"), values.pop("actor")
    found = checked(keys, operator=values.get("operator"))
    if not title.strip():
        raise ScopeInvalid({"title": "Give it a title that people understand, such as “No internet in SW1A 1”."})
    if values.get("planned") and not (values.get("window_start") and values.get("window_end")):
        raise ScopeInvalid({"window_start": "Planned work needs the start and the end of its window."})
    if values.get("window_end") and values["window_end"] <= values["window_start"]:
        raise ScopeInvalid({"window_end": "The window ends before it begins."})
    name = values.get("idempotency_key", "")
    if name:
        known = _known(organisation, name)
        if known is not None:
            return known, False
    number = _next_number()
    values["started_at"] = values.get("started_at") or values.get("window_start") or at
    outage = Outage.objects.create(
        pk=number, reference=f"OUT-{number:06d}", title=title.strip()[:160], created_at=at, created_by=actor, **values
    )
    OutageKey.objects.bulk_create(OutageKey(outage=outage, kind=kind, value=value) for kind, value in found)
    record(
        actor=actor, subject=f"outage:{outage.pk}", verb=f"came to know of it: {outage.get_source_display()}", at=at,
        organisation_id=organisation.pk,
    )  # fmt: skip
    return outage, True


def _known(organisation: Organisation, name: str) -> Outage | None:
    """Two who come with one key wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 656))", [f"{organisation.pk}:{name}"])
    return Outage.objects.filter(organisation=organisation, idempotency_key=name).first()


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('ticketing_outage', 'id'))")
        return int(cursor.fetchone()[0])


def _announce(outage: Outage, tickets: Iterable[Ticket], at: datetime, text: str) -> None:
    """A candidate's first tickets are its first children; the desk is told that somebody must decide."""
    services, customers = affected(scope_of(outage))
    outage.evidence = {**outage.evidence, "services": services, "customers": customers}
    outage.save(update_fields=["evidence"])
    for ticket in list(tickets)[:MOST_FIRST]:
        attach(outage=outage, ticket=ticket, actor=None, at=at)
    people = Membership.objects.filter(organisation=outage.organisation_id, role__in=DESK)
    tell(
        people=people.values_list("user_id", flat=True), organisation_id=outage.organisation_id,
        subject=f"outage:{outage.pk}", text=text[:300], url=outage.get_absolute_url(), key=f"outage:{outage.pk}", at=at,
    )  # fmt: skip
    _publish("outage.proposed", outage, at)


def _publish(name: str, outage: Outage, at: datetime) -> None:
    payload = {"outage_id": outage.pk, "reference": outage.reference, "operator_id": outage.operator_id}
    publish(name, f"outage:{outage.pk}", at=at, organisation_id=outage.organisation_id, **payload)


def _locked(outage: Outage) -> Outage:
    rows = Outage.objects.select_for_update(of=("self",)).select_related("organisation", "operator")
    return rows.get(pk=outage.pk)


def _may(outage: Outage, actor: User | None) -> None:
    permit(actor, "outage.write")
    if actor is not None and not Outage.objects.visible_to(actor).filter(pk=outage.pk).exists():
        raise PermissionDenied("This outage belongs to another service provider.")


def _own(actor: User | None, organisation: Organisation) -> None:
    if actor is not None and (actor.acting is None or actor.acting.organisation_id != organisation.pk):
        raise PermissionDenied("You declare outages of your own service provider only.")
