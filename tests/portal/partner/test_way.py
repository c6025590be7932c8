"""An operator without a system of its own: the portal is the way, and a mail with signed links tells of the order."""

import json
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail

from ofx.orders.models import Order
from partners.connectors.answer_links import BadLink, Link, buttons, read, signed
from partners.connectors.base import Job
from partners.connectors.portal.client import Portal
from partners.conversations.claim import Claim
from partners.conversations.delivery import work
from partners.mapping.canonical import OutboundOrder
from partners.models import Contact, Endpoint, Message, Operator
from tests.conftest import AT, offering, operator, person
from tests.ofx.orders.conftest import agreement, part, serve

__all__ = ["Claim"]
LINK = re.compile(r"http://\S+/partner/link/([^/\s]+)/\?answer=(\w+)")


@pytest.fixture
def small(shop: SimpleNamespace) -> Operator:
    """Smallnet has an agreement, an offer and one person, and no endpoint."""
    op = operator("smallnet", "Smallnet")
    agreement(shop.brightwave, op)
    serve(op, "FTTP")
    shop.small_offer = offering(op, "small-100")
    shop.sam = person("sam@smallnet.example", op.organisation, "admin")
    return op


def sent(order: Order) -> list[Any]:
    """Deliver what is queued for the order's operator; the mails that left."""
    leg = Message.objects.get(leg__our_key=part(order).our_key).leg
    assert leg is not None
    work(leg.endpoint_id, lambda: AT + timedelta(minutes=1), 5)
    return list(mail.outbox)


def test_the_first_order_opens_the_portal_and_stands_there_at_once(
    shop: SimpleNamespace, small: Operator, order_for: Any
) -> None:
    first, second = order_for(shop.small_offer), order_for(shop.small_offer)
    endpoint = Endpoint.objects.get(operator=small)
    assert (endpoint.kind, endpoint.organisation, endpoint.hub_id) == ("portal", None, "none")
    for order in (first, second):
        row = part(order)
        assert (row.state, row.holder) == ("submitted", "partner")
    assert Message.objects.filter(endpoint=endpoint, verb="create", state="queued").count() == 2


@pytest.mark.django_db(transaction=True)
def test_people_are_told_by_a_mail_with_links_of_their_own(
    shop: SimpleNamespace, small: Operator, order_for: Any
) -> None:
    person("sue@smallnet.example", small.organisation, "fulfilment")
    person("rita@smallnet.example", small.organisation, "assurance")
    order = order_for(shop.small_offer)
    mails = sent(order)
    assert sorted(one.to[0] for one in mails) == ["sam@smallnet.example", "sue@smallnet.example"]
    for one in mails:
        links = dict(reversed(found) for found in LINK.findall(one.body))
        link = read(links["commit"])
        assert (link.our_key, link.recipient) == (part(order).our_key, one.to[0])
        assert "Brightwave Telecom" in one.body
        assert "SMALL-100" in one.body
        assert one.alternatives[0][0].count("/partner/link/") == len(links)
    message = Message.objects.get(leg__our_key=part(order).our_key)
    assert message.state == "delivered"
    everything = f"{message.wire} {json.dumps(message.canonical)} {message.reason}"
    assert read_all(everything) == []  # whoever reads our record cannot answer in the operator's name


def read_all(text: str) -> list[Link]:
    """Every signed link in a text."""
    found = []
    for word in re.findall(r"[\w~:-]{20,}", text):
        try:
            found.append(read(word))
        except BadLink:
            continue
    return found


@pytest.mark.django_db(transaction=True)
def test_an_order_desk_is_told_instead_of_everybody(shop: SimpleNamespace, small: Operator, order_for: Any) -> None:
    Contact.objects.create(operator=small, purpose="orders", name="Desk", email="desk@smallnet.example")
    Contact.objects.create(operator=small, purpose="escalation", name="Boss", email="boss@smallnet.example")
    assert [one.to for one in sent(order_for(shop.small_offer))] == [["desk@smallnet.example"]]


def test_where_nobody_can_be_told_the_order_is_placed_by_hand(
    shop: SimpleNamespace, small: Operator, order_for: Any
) -> None:
    shop.sam.is_active = False
    shop.sam.save()
    order = order_for(shop.small_offer)
    assert not Endpoint.objects.filter(operator=small).exists()
    assert part(order).holder == "us"


def test_a_desk_that_the_mail_server_refuses_does_not_undo_the_order() -> None:
    wire = {"rows": [{"our_key": "k"}], "answer": {}, "to": []}
    done = Portal().deliver(SimpleNamespace(timeout_seconds=1), Job("create", wire, "k"))
    assert done.outcome == "success"
    assert "nobody there is told" in done.detail


def test_a_link_is_bound_to_order_recipient_purpose_and_day() -> None:
    link = Link("K-1", "a@b.example", "create", AT.date())
    token = signed(link)
    assert read(token) == link
    assert "delay" in link.answers
    assert "accept_cancel" not in link.answers
    for broken in (token[:-1], "x" + token, token.replace("~", "~x", 1), "", "~", "é~é"):
        with pytest.raises(BadLink):
            read(broken)


def test_a_mail_without_an_address_of_ours_offers_no_links() -> None:
    assert buttons("", "K-1", "a@b.example", "create", AT.date()) == []


def test_an_order_written_before_links_were_known_is_still_read() -> None:
    old = {"our_key": "k", "reference": "r", "items": [], "country": "GB", "postcode": "X", "address": "a"}
    again = OutboundOrder.from_json(old)
    assert (again.answer_links, again.recipients, again.answer_until) == ("", (), None)
