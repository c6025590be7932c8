"""A fault as the neutral record that every mapping receives, and the call down to conversations."""

import base64
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from ofx.core.models import User
from partners.conversations import actions as conversations
from partners.conversations.routing import recipients
from partners.mapping.canonical_faults import OutboundTicket
from partners.models import Endpoint, Leg, Message
from ticketing.tickets.models import Attachment, PartnerTicket, Ticket
from ticketing.tickets.vocabulary import CHARACTERISTICS

LIVE = ("submitted", "acknowledged", "in_progress", "pending", "held", "resolved")


def leg_of(subject: str) -> Leg | None:
    """The leg that carries `partner_ticket:<pk>` or `customer_ticket:<pk>`; None before the first sending."""
    return Leg.objects.select_related("endpoint").filter(subject=subject).order_by("-pk").first()


def outbound(row: PartnerTicket, **more: Any) -> OutboundTicket:
    """A partner ticket as it goes out. `more`: text, note_key, attachment, external_id, recipients."""
    ticket = row.ticket
    given = dict(row.characteristics)
    scenario = str(given.pop("scenario", ""))
    if row.override_reason:  # a partner that bars a green test takes one with a reason
        given["OVERRIDE_REASON"] = row.override_reason
    return OutboundTicket(
        our_key=row.our_key,
        service_ref=row.service_ref,
        product=ticket.service.offering.code if ticket.service else "",
        characteristics={name: str(value) for name, value in given.items()},
        test=_test(row),
        scenario=scenario if row.simulated else "",
        simulated=row.simulated,
        answer_links=f"{settings.OFX_BASE_URL}/partner/fault-link/",
        answer_until=(row.raised_at.date() + timedelta(days=settings.ANSWER_LINK_DAYS)).isoformat(),
        portal_url=f"{settings.OFX_BASE_URL}/partner/faults/{row.our_key}/",
        **_common(ticket),
        **more,
    )


def mirrored(ticket: Ticket, our_key: str, **more: Any) -> OutboundTicket:
    """A ticket as the customer's own system is told of it."""
    given = {name: value for name, value in ticket.answers.items() if name in CHARACTERISTICS}
    return OutboundTicket(
        our_key=our_key,
        service_ref=ticket.service.reference if ticket.service else "",
        characteristics=given,
        simulated=ticket.simulated,
        portal_url=f"{settings.OFX_BASE_URL}{ticket.get_absolute_url()}",
        **_common(ticket),
        **more,
    )


def _common(ticket: Ticket) -> dict[str, Any]:
    return {
        "reference": ticket.reference,
        "title": ticket.title,
        "description": ticket.description,
        "fault_class": ticket.fault_class,
        "severity": ticket.severity,
        "impact": ticket.impact,
        "priority": ticket.priority,
        "country": ticket.country,
        "postcode": ticket.postcode,
        "address": ticket.place_text,
        "contact_name": ticket.contact_name,
        "contact_phone": ticket.contact_phone,
        "contact_email": ticket.contact_email,
        "occurred_at": ticket.created_at,
        "provider_name": ticket.organisation.name,
    }


def _test(row: PartnerTicket) -> dict[str, str]:
    test = row.test
    if test is None:
        return {}
    at = (test.done_at or test.requested_at).isoformat()
    return {"id": test.partner_ref or test.our_key, "code": test.code, "colour": test.colour, "at": at}


def file_as_json(kept: Attachment) -> dict[str, str]:
    """An attachment as messages carry it."""
    content = base64.b64encode(bytes(kept.content)).decode("ascii")
    return {"name": kept.name, "content_type": kept.content_type, "base64": content}


def told_by(endpoint: Endpoint) -> tuple[str, ...]:
    """Who is told by mail where the portal is the way; other ways know themselves whom they reach."""
    if endpoint.kind != "portal" or endpoint.operator is None:
        return ()
    return recipients(endpoint.operator, "ticket")


def send(row: PartnerTicket, verb: str, *, at: datetime, actor: User | None, **more: Any) -> Message | None:
    """Queue a message on the partner ticket's leg; None where there is none. A failed note holds up nothing."""
    leg = leg_of(f"partner_ticket:{row.pk}")
    if leg is None:
        return None
    told = outbound(row, external_id=leg.external_id, recipients=told_by(leg.endpoint), **more)
    return conversations.send(leg=leg, verb=verb, order=told, at=at, actor=actor, blocks=verb == "create")


def tell_partners(
    ticket: Ticket, verb: str, *, at: datetime, actor: User | None, file: Attachment | None = None, **more: Any
) -> int:
    """Send the same note or file to every partner that has the fault. Returns how many were told."""
    if file is not None:
        more["attachment"] = file_as_json(file)
        more["note_key"] = f"file:{file.pk}"
    rows = ticket.partner_tickets.filter(state__in=LIVE).select_related("operator", "ticket", "test")
    return sum(send(row, verb, at=at, actor=actor, **more) is not None for row in rows)


def tell_customer_system(
    ticket: Ticket, verb: str, *, at: datetime, file: Attachment | None = None, **more: Any
) -> Message | None:
    """Send a note, file or state to the customer's own system where the ticket lies there; None where it does not."""
    leg = leg_of(f"customer_ticket:{ticket.pk}")
    if leg is None:
        return None
    if file is not None:
        more |= {"attachment": file_as_json(file), "note_key": f"file:{file.pk}"}
    told = mirrored(ticket, leg.our_key, external_id=leg.external_id, **more)
    return conversations.send(leg=leg, verb=verb, order=told, at=at, actor=None, blocks=verb == "create")


def open_partner_leg(row: PartnerTicket, endpoint: Endpoint, at: datetime) -> Leg:
    """The leg of a partner ticket, made on its first sending."""
    return conversations.open_leg(
        organisation=row.organisation,
        case=f"ticket:{row.ticket_id}",
        subject=f"partner_ticket:{row.pk}",
        endpoint=endpoint,
        our_key=row.our_key,
        at=at,
        simulated=row.simulated,
        entity="ticket",
    )
