"""The mother in each party's own tool: affected partners (TMF656), customers' ITSM (TMF621 or TMF656) (DOMAIN S3).

Each party is a leg `outage_party:<pk>` of the conversation `outage:<pk>`; the hub brings every message into its form.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from partners.conversations.actions import customer_endpoint, endpoint_for, open_leg, send
from partners.mapping.canonical_faults import OutboundProblem
from partners.models import Endpoint, Leg
from ticketing.outages.from_news import moment
from ticketing.outages.models import Outage, OutageChild, OutageParty, OutageReceipt, OutageUpdate

MOST_REFS = 500  # service ids and postcodes named in one message; the count says how many there are
NO_WAY = "No system of theirs is connected that takes outages."


def tell(*, outage: Outage, update: OutageUpdate, at: datetime) -> int:
    """Create or update the mother at every party, each once an update. Returns how many messages were queued."""
    return sum(_tell_one(outage, party, update, at) for party in _parties(outage, at))


def _parties(outage: Outage, at: datetime) -> list[OutageParty]:
    """A row for each partner and each customer with a system of its own among the children."""
    children = OutageChild.objects.filter(outage=outage).exclude(state="detached")
    operator_of = Coalesce("service__operator_id", "ticket__operator_id")
    operators = dict(children.annotate(at_operator=operator_of).values_list("at_operator").annotate(Count("pk")))
    if outage.operator_id is not None:
        operators.setdefault(outage.operator_id, 0)
    operators.pop(None, None)
    connected = Endpoint.objects.filter(customer__provider_id=outage.organisation_id).values_list("customer_id")
    customers = dict(
        children.filter(customer_id__in=connected).values_list("customer_id").annotate(Count("pk", distinct=True))
    )
    for kind, found in (("operator_id", operators), ("customer_id", customers)):
        for pk, affected in found.items():
            _keep(outage, kind, pk, affected, at)
    return list(outage.parties.select_related("operator", "customer", "endpoint").order_by("pk"))


def _keep(outage: Outage, kind: str, pk: int, affected: int, at: datetime) -> None:
    word = "at" if kind == "operator_id" else "for"
    OutageParty.objects.update_or_create(
        outage=outage,
        **{kind: pk},
        defaults={"affected": affected},
        create_defaults={"affected": affected, "our_key": f"{outage.reference}-{word}-{pk}", "created_at": at},
    )


def _tell_one(outage: Outage, party: OutageParty, update: OutageUpdate, at: datetime) -> int:
    endpoint, entity = _way(outage, party)
    if endpoint is None:
        OutageParty.objects.filter(pk=party.pk).update(problem=NO_WAY)
        return 0
    receipt, fresh = OutageReceipt.objects.get_or_create(
        update=update,
        channel="system",
        recipient=f"party:{party.pk}",
        defaults={"customer_id": party.customer_id, "at": at},
    )
    if not fresh:
        return 0
    leg = open_leg(
        organisation=outage.organisation,
        case=f"outage:{outage.pk}",
        subject=f"outage_party:{party.pk}",
        endpoint=endpoint,
        our_key=party.our_key,
        at=at,
        simulated=outage.simulated,
        entity=entity,
        external_id=party.external_id,
    )
    OutageParty.objects.filter(pk=party.pk).update(endpoint=endpoint, problem="")
    order = _problem(outage, party, update)
    message = send(leg=leg, verb=_verb(leg, update), order=order, at=at, actor=update.author)
    OutageReceipt.objects.filter(pk=receipt.pk).update(message_number=message.pk)
    return 1


def _way(outage: Outage, party: OutageParty) -> tuple[Endpoint | None, str]:
    """Where a party is told. A system that knows no problems gets a parent ticket (the connector draws it)."""
    if party.operator is not None:
        return endpoint_for(operator=party.operator, organisation=outage.organisation, entity="problem"), "problem"
    assert party.customer is not None
    way = customer_endpoint(customer=party.customer, entity="problem")
    return way or customer_endpoint(customer=party.customer, entity="ticket"), "problem"


def _verb(leg: Leg, update: OutageUpdate) -> str:
    known = leg.external_id or leg.messages.filter(direction="out", verb="create").exists()
    if not known:
        return "create"
    return "clear" if update.kind == "cleared" else "note"


def _problem(outage: Outage, party: OutageParty, update: OutageUpdate) -> OutboundProblem:
    theirs = OutageChild.objects.filter(outage=outage).exclude(state="detached")
    theirs = (
        theirs.filter(service__operator=party.operator_id)
        if party.operator_id
        else theirs.filter(customer=party.customer_id)
    )
    column = "service__partner_ref" if party.operator_id else "service__reference"
    refs = theirs.exclude(**{column: ""}).exclude(service=None).order_by("pk").values_list(column, flat=True)
    codes = theirs.exclude(service=None).values_list("service__postcode", flat=True).distinct()
    text = update.partner_text if party.operator_id else ""
    return OutboundProblem(
        our_key=party.our_key,
        reference=outage.reference,
        title=outage.title,
        text=text or update.public_text,
        note_key=f"outage-update:{update.pk}",
        state="resolved" if update.kind == "cleared" else "in_progress",
        severity=outage.severity,
        impact=outage.impact,
        planned=outage.planned,
        started_at=outage.started_at,
        expected_at=update.expected_at,
        ended_at=outage.cleared_at if update.kind == "cleared" else None,
        affected=party.affected,
        service_refs=tuple(refs[:MOST_REFS]),
        postcodes=tuple(codes.order_by("service__postcode")[:MOST_REFS]),
        external_id=party.external_id,
        simulated=outage.simulated,
        provider_name=outage.organisation.name,
    )


def pin(*, party: OutageParty, endpoint: Endpoint, at: datetime) -> None:
    """A problem that was theirs first: its leg exists from now on, so that their news finds our outage."""
    outage = party.outage
    open_leg(
        organisation=outage.organisation, case=f"outage:{outage.pk}", subject=f"outage_party:{party.pk}",
        endpoint=endpoint, our_key=party.our_key, at=at, simulated=outage.simulated, entity="problem",
        external_id=party.external_id,
    )  # fmt: skip
    OutageParty.objects.filter(pk=party.pk).update(endpoint=endpoint)


def delivered(*, party_id: int, message_id: int, external_id: str, at: datetime) -> None:
    """A message reached the party, be it after a person had it tried again: its id there is kept."""
    changes = {"external_id": external_id[:120]} if external_id else {}
    OutageParty.objects.filter(pk=party_id).update(problem="", **changes)
    _receipts(party_id, message_id).filter(state__in=["queued", "failed"]).update(state="sent", sent_at=at)


def refused(*, party_id: int, message_id: int, reason: str) -> None:
    """One message will not be delivered: shown at the party, and on the receipt of that update alone."""
    receipts = _receipts(party_id, message_id)
    if receipts.filter(state="queued").update(state="failed") or not receipts.exists():
        OutageParty.objects.filter(pk=party_id).update(problem=reason[:300])


def _receipts(party_id: int, message_id: int) -> QuerySet[OutageReceipt]:
    return OutageReceipt.objects.filter(
        channel="system", recipient=f"party:{party_id}", message_number=message_id, update__outage__parties=party_id
    )


def hear(*, party_id: int, news: dict[str, Any], at: datetime) -> None:
    """What a party says about its copy: state, reference, that it is over or not after all. A claim, kept beside ours
    (R24); what comes late changes nothing that was said after it."""
    with transaction.atomic():
        party = OutageParty.objects.select_for_update(of=("self",)).select_related("outage").filter(pk=party_id).first()
        if party is None:
            return
        ref = str(news.get("partner_ref") or news.get("external_id") or "")[:120]
        changes: dict[str, Any] = {"url": str(news["url"])[:300]} if news.get("url") else {}
        if ref and not party.external_id:
            changes["external_id"] = ref
        said_at = moment(news.get("issued_at")) or at
        state = news.get("state") or ("resolved" if news.get("update_type") == "RESOLVED" else "")
        last = party.said_at
        if state and (last is None or said_at > last or (said_at == last and state != party.state)):
            changes |= {"state": state[:14], "said_at": said_at, **_claim(party, state, at)}
        if changes:
            OutageParty.objects.filter(pk=party_id).update(**changes)
        if party.operator_id is not None:
            _claims_of_partner(party, changes, ref)


def _claim(party: OutageParty, state: str, at: datetime) -> dict[str, Any]:
    """A partner's word that it is over, or that it is not after all."""
    if party.operator_id is None:
        return {}
    over = state in ("resolved", "closed")
    return {"cleared_at": (party.cleared_at or at) if over else None}


def _claims_of_partner(party: OutageParty, changes: dict[str, Any], ref: str) -> None:
    claims: dict[str, Any] = {"partner_ref": ref} if ref and not party.outage.partner_ref else {}
    if "cleared_at" in changes:
        claims["partner_cleared_at"] = changes["cleared_at"]
    if claims:
        Outage.objects.filter(pk=party.outage_id).update(**claims)
