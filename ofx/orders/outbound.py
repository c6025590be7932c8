"""A partner order as the neutral record that every mapping receives, and the call down to conversations."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from ofx.orders.models import Order, PartnerOrder
from partners.conversations import actions as conversations
from partners.conversations.routing import recipients
from partners.mapping.canonical import OutboundItem, OutboundOrder
from partners.models import Endpoint, Leg, Message


def outbound(partner_order: PartnerOrder, **more: Any) -> OutboundOrder:
    """The order as it goes out. `more`: reason, changes, external_id, notes."""
    order, item = partner_order.order, partner_order.item
    given = {str(name): str(value) for name, value in item.characteristics.items()}
    scenario = given.pop("scenario", "")
    return OutboundOrder(
        our_key=partner_order.our_key,
        reference=order.reference,
        items=(
            OutboundItem(
                position=item.position,
                action=item.action,
                offering_code=item.offering.code,
                offering_name=item.offering.name,
                kind=item.offering.kind,
                technology=item.offering.technology,
                quantity=item.quantity,
                product_id=item.changes_service.partner_ref if item.changes_service else "",
                characteristics=given,
            ),
        ),
        country=order.country,
        postcode=order.postcode,
        address=order.place_text,
        uprn=order.address.uprn if order.address else "",
        requested_date=partner_order.crd or order.requested_date,
        customer_name=order.customer.name,
        contact_name=order.contact_name,
        contact_phone=order.contact_phone,
        contact_email=order.contact_email,
        access_notes=order.access_notes,
        scenario=scenario if partner_order.simulated else "",
        simulated=partner_order.simulated,
        **_answerable(partner_order),
        **more,
    )


def _answerable(partner_order: PartnerOrder) -> dict[str, Any]:
    """Where the operator's people answer without a system of their own; the connector signs the links when it sends."""
    base = settings.OFX_BASE_URL
    return {
        "provider_name": partner_order.order.organisation.name,
        "answer_links": f"{base}/partner/link/",
        "answer_until": partner_order.created_at.date() + timedelta(days=settings.ANSWER_LINK_DAYS),
        "portal_url": f"{base}/partner/orders/{partner_order.our_key}/",
    }


def told_by(endpoint: Endpoint) -> tuple[str, ...]:
    """Who is told by mail where the portal is the way; other ways know themselves whom they reach."""
    return recipients(endpoint.operator) if endpoint.kind == "portal" and endpoint.operator else ()


def leg_of(partner_order: PartnerOrder) -> Leg | None:
    """The leg that carries a partner order; None before it was first sent."""
    return Leg.objects.select_related("endpoint").filter(our_key=partner_order.our_key).first()


def open_leg(order: Order, partner_order: PartnerOrder, endpoint: Endpoint, at: datetime) -> Leg:
    """The leg of a partner order, made on its first sending."""
    return conversations.open_leg(
        organisation=order.organisation,
        case=f"order:{order.pk}",
        subject=f"partner_order:{partner_order.pk}",
        endpoint=endpoint,
        our_key=partner_order.our_key,
        at=at,
        simulated=partner_order.simulated,
    )


def send(partner_order: PartnerOrder, verb: str, *, at: datetime, actor: Any, **more: Any) -> Message | None:
    """Queue a message on the partner order's leg; None where there is no leg (on-net, never sent)."""
    leg = leg_of(partner_order)
    if leg is None:
        return None
    order = outbound(partner_order, external_id=leg.external_id, recipients=told_by(leg.endpoint), **more)
    # A change or an answer that the partner does not take is told on the order; the next one need not wait for it.
    return conversations.send(leg=leg, verb=verb, order=order, at=at, actor=actor, blocks=verb == "create")
