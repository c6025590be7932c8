"""Which way an operator is told: its endpoint, else the partner portal where somebody there can read it."""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from ofx.core.accounts.models import Membership, Organisation
from ofx.core.audit.actions import record
from partners.conversations.actions import endpoint_for
from partners.conversations.models import Endpoint, Leg
from partners.conversations.polling import NO_HUB
from partners.mapping.entities import ORDER
from partners.operators.models import Contact, Operator

FAULT_ROLES, FAULT_DESKS = ("admin", "assurance"), ("faults", "orders")
ANSWERING_ROLES = {"order": ("admin", "fulfilment"), "ticket": FAULT_ROLES, "problem": FAULT_ROLES}
DESKS = {"order": ("orders",), "ticket": FAULT_DESKS, "problem": FAULT_DESKS}  # purposes of contacts, best first
NAMED_BY_PEOPLE = ("portal", "email")  # kinds whose case is named by the reference that a person gave it


def way_to(*, operator: Operator, organisation: Organisation, at: datetime, entity: str = ORDER) -> Endpoint | None:
    """The endpoint that a new order, ticket or problem takes. An operator without one is given the partner portal at
    its first case, so that an agreement can be ordered under at once; None where nobody there could be told (R12: by
    hand then)."""
    found = endpoint_for(operator=operator, organisation=organisation, entity=entity)
    return found or portal_of(operator=operator, at=at, entity=entity)


def portal_of(*, operator: Operator, at: datetime, entity: str = ORDER) -> Endpoint | None:
    """The operator's portal as an endpoint, shared by all tenants; made once. None where nobody can answer there."""
    if not reachable(operator, entity):
        return None
    with transaction.atomic():
        Operator.objects.select_for_update(no_key=True).get(pk=operator.pk)
        there = Endpoint.objects.filter(operator=operator, organisation=None, kind="portal").first()
        if there is not None:
            return there
        made = Endpoint.objects.create(
            operator=operator,
            kind="portal",
            name=f"{operator.name} partner portal",
            inbound_key=secrets.token_urlsafe(24),
            hub_id=NO_HUB,
            simulated=operator.provenance == "simulated",
        )
        record(actor=None, subject=f"endpoint:{made.pk}", verb="opened the partner portal", at=at)
        return made


def possible_way(*, operator: Operator, organisation: Organisation, entity: str = ORDER) -> bool:
    """Whether an order, ticket or problem would be sent by a way of ours, without making one."""
    known = endpoint_for(operator=operator, organisation=organisation, entity=entity)
    return known is not None or reachable(operator, entity)


def reachable(operator: Operator, entity: str = ORDER) -> bool:
    """Whether somebody at the operator can be told by mail or sign in to answer."""
    return bool(recipients(operator, entity))


def recipients(operator: Operator, entity: str = ORDER) -> tuple[str, ...]:
    """Who is told by mail: the operator's desks for it (faults go to its order desks where it names none for faults),
    else those of its people who may answer."""
    desks = Contact.objects.filter(operator=operator, purpose__in=DESKS[entity]).exclude(email="").order_by("pk")
    by_purpose: dict[str, list[str]] = {}
    for purpose, email in desks.values_list("purpose", "email"):
        by_purpose.setdefault(purpose, []).append(email)
    found = next((by_purpose[purpose][:5] for purpose in DESKS[entity] if purpose in by_purpose), [])
    return tuple(dict.fromkeys(found or _people(operator, ANSWERING_ROLES[entity])))


def _people(operator: Operator, roles: tuple[str, ...]) -> list[str]:
    rows = Membership.objects.filter(organisation=operator.organisation_id, role__in=roles)
    return list(rows.filter(user__is_active=True).order_by("pk").values_list("user__email", flat=True)[:20])


def may_answer_by_mail(operator: Operator, leg: Leg | None, recipient: str) -> bool:
    """Whether an address that a link was sent to still stands for the operator: leavers lose their links."""
    known = [leg.endpoint.address] if leg is not None else []
    known += Contact.objects.filter(operator=operator).values_list("email", flat=True)
    known += _people(operator, ANSWERING_ROLES[leg.entity_type if leg is not None else ORDER])
    return recipient.lower() in {one.lower() for one in known if one}


def learn_reference(*, leg: Leg, external_id: str) -> None:
    """Keep the operator's own number of a case where people name it, unless it has one or another case has it."""
    if leg.endpoint.kind not in NAMED_BY_PEOPLE or leg.external_id or not external_id:
        return
    try:
        with transaction.atomic():
            Leg.objects.filter(pk=leg.pk, external_id="").update(external_id=external_id)
    except IntegrityError:
        return  # another order of theirs bears it: our key still names this one
