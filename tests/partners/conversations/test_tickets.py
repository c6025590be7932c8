"""A fault there and back over real HTTP: nothing twice, nothing lost, no echo, nothing applied to another's case."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from ofx.core.events.models import Event
from partners.connectors.base import Polled
from partners.conversations import actions, ingest, polling, retention
from partners.conversations.routing import recipients, way_to
from partners.mapping.canonical_faults import OutboundTicket
from partners.models import Contact, Endpoint, Leg, Message
from tests.conftest import AT, operator
from tests.partners.conversations.conftest import Partner, make_endpoint


class Desk(Partner):
    """A scripted TMF621 partner."""

    def normal(self, call: SimpleNamespace) -> tuple[int, Any]:
        """How an honest partner answers: notes and files of a PATCH are added, every state is kept."""
        path, _, query = call.path.partition("?")
        if path.endswith("/hub"):
            return 501, {"code": "501", "reason": "none"}
        if call.method == "POST":
            return 201, self.opened(call)
        if path.endswith("/troubleTicket"):
            key = dict(part.split("=", 1) for part in query.split("&") if part).get("externalId", "")
            return 200, [row for row in self.orders.values() if not key or row.get("externalId") == key]
        row = self.orders.get(path.rpartition("/")[2])
        if row is None:
            return 404, {"code": "NOT_FOUND", "reason": "no such ticket"}
        if call.method == "PATCH":
            self.change(row["id"], **call.body)
        return 200, row

    def opened(self, call: SimpleNamespace) -> dict[str, Any]:
        """Keep a new ticket."""
        with self.lock:
            ident = str(len(self.orders) + 1)
            row = {**call.body, "id": ident, "creationDate": "2026-03-02T09:00:00Z", "note": []}
            self.orders[ident] = row
        for note in call.body.get("note", []):
            self.noted(row, note)
        self.change(ident, status="acknowledged")
        return row

    def change(self, ident: str, **fields: Any) -> dict[str, Any]:
        """The partner, or we, change a ticket."""
        row = self.orders[ident]
        row["sequence"] = row.get("sequence", 0) + 1
        when = f"2026-03-02T10:{row['sequence']:02}:00Z"
        for note in fields.pop("note", []):
            self.noted(row, note)
        row.setdefault("attachment", []).extend(fields.pop("attachment", []))
        reason = fields.pop("statusChangeReason", "")
        if "status" in fields:
            change = {"status": fields["status"], "changeDate": when, "changeReason": reason}
            row.setdefault("statusChange", []).append({**change, "sequence": row["sequence"]})
        row.update(fields, lastUpdate=when)
        return row

    @staticmethod
    def noted(row: dict[str, Any], note: dict[str, Any]) -> None:
        """A note with the partner's own id: what we gave is not kept."""
        row["note"].append({**note, "id": f"n{len(row['note']) + 1}", "date": "2026-03-02T10:00:00Z"})


@pytest.fixture
def partner() -> Iterator[Desk]:
    """A scripted TMF621 partner."""
    made = Desk()
    yield made
    made.close()


def fault(our_key: str = "OFX-F1", **fields: Any) -> OutboundTicket:
    """A fault of one line."""
    defaults = {
        "our_key": our_key,
        "reference": "FLT-000001",
        "title": "No connection",
        "description": "The line is dead since Monday",
        "severity": "significant",
        "impact": "down",
        "service_ref": "17",
        "contact_name": "Pat Example",
        "characteristics": {"ONT_POWER": "yes"},
        "provider_name": "Brightwave",
    }
    return OutboundTicket(**{**defaults, **fields})


@pytest.fixture
def faults(hub: SimpleNamespace, partner: Desk) -> SimpleNamespace:
    """An endpoint for tickets at the same operator, and what a test does with it."""
    world = hub.world
    way = make_endpoint(world.northfibre, partner.url, kind="tmf621", name="Northfibre faults")

    def leg(key: str = "OFX-F1", at: Endpoint = way) -> Leg:
        return actions.open_leg(
            organisation=world.brightwave,
            case=f"ticket:{key}",
            subject=f"partner_ticket:{key}",
            endpoint=at,
            our_key=key,
            at=AT,
            simulated=False,
            entity="ticket",
        )

    def send(verb: str = "create", key: str = "OFX-F1", at: Endpoint = way, **fields: Any) -> Message:
        return actions.send(leg=leg(key, at), verb=verb, order=fault(key, **fields), at=AT, actor=None)

    def fetch(key: str = "OFX-F1") -> list[dict[str, Any]]:
        """Ask for the case, read it, and return the news that was told upwards by it."""
        before = Event.objects.filter(name="message.received").count()
        polling.fetch(leg(key).pk, AT)
        hub.read()
        found = Event.objects.filter(name="message.received").order_by("pk")[before:]
        return [row for event in found for row in event.payload["news"]]

    return SimpleNamespace(
        way=way, leg=leg, send=send, fetch=fetch, hub=hub, world=world, drain=lambda: hub.drain(way), read=hub.read
    )


def test_a_fault_goes_out_in_the_partners_words_and_its_id_is_pinned(faults: Any, partner: Desk) -> None:
    message = faults.send()
    faults.drain()
    message.refresh_from_db()
    body = partner.calls("POST", "/troubleTicket")[0].body
    assert body["externalId"] == "OFX-F1"
    assert body["severity"] == "Major"
    assert {"name": "ONT_POWER", "value": "yes"} in body["characteristic"]
    assert {"id": "17", "role": "service", "@referredType": "Service"} in body["relatedEntity"]
    assert (message.state, faults.leg().external_id) == ("delivered", "1")


def test_orders_and_faults_of_one_operator_take_their_own_ways(faults: Any) -> None:
    operator, organisation = faults.world.northfibre, faults.world.brightwave
    way = actions.endpoint_for(operator=operator, organisation=organisation, entity="ticket")
    assert way == faults.way
    assert actions.endpoint_for(operator=operator, organisation=organisation) == faults.hub.endpoint
    assert actions.endpoint_for(operator=operator, organisation=organisation, entity="problem") == faults.way


def test_a_create_that_was_done_but_not_answered_is_found_by_our_key(faults: Any, partner: Desk) -> None:
    def lost(call: Any) -> None:
        partner.opened(call)

    partner.script = [lost]
    faults.send()
    faults.drain()
    faults.hub.due()
    faults.drain()
    assert len(partner.orders) == 1
    assert faults.leg().external_id == "1"


def test_a_note_whose_answer_was_lost_is_not_written_twice(faults: Any, partner: Desk) -> None:
    faults.send()
    faults.drain()

    def lost(call: Any) -> None:
        partner.change("1", **call.body)

    partner.script = [lost]
    faults.send("note", text="Any news?", note_key="note:5")
    faults.drain()
    faults.hub.due()
    faults.drain()
    assert [note["text"] for note in partner.orders["1"]["note"]].count("Any news?") == 1


def test_what_we_said_is_not_told_back_to_us(faults: Any, partner: Desk) -> None:
    faults.send()
    faults.send("note", text="The customer is at home", note_key="note:5")
    faults.drain()
    partner.change("1", note=[{"text": "We look at it", "author": "Northfibre"}])
    partner.change("1", note=[{"text": "The customer is at home", "author": "Northfibre"}])
    texts = [row["text"] for row in faults.fetch() if row["update_type"] == "NOTE"]
    assert texts == ["We look at it", "The customer is at home"]  # said by them as well: each write of ours echoes once


def test_a_question_a_resolution_and_a_file_are_told_once_each_however_often_they_come(
    faults: Any, partner: Desk
) -> None:
    faults.send()
    faults.drain()
    partner.change("1", status="pending", statusChangeReason="ACCESS_ISSUE: When can we come?")
    first = faults.fetch()
    asked = next(row for row in first if row["update_type"] == "QUESTION")
    assert (asked["text"], asked["clock_owner"], asked["entity"]) == ("When can we come?", "us", "ticket")
    partner.change("1", attachment=[{"id": "a1", "name": "report.txt", "mimeType": "text/plain", "content": "aGk="}])
    solved = {"code": "FIXED_NETWORK", "cause": "Bent fibre", "text": "Spliced anew", "chargeable": False}
    partner.change("1", status="resolved", resolution=solved)
    second = faults.fetch()
    fixed = next(row for row in second if row["update_type"] == "RESOLVED")
    assert (fixed["clear_code"], fixed["cause"], fixed["fix"], fixed["chargeable"]) == (
        "FIXED_NETWORK", "Bent fibre", "Spliced anew", False,
    )  # fmt: skip
    assert next(row for row in second if row["update_type"] == "ATTACHMENT")["attachment"]["base64"] == "aGk="
    keys = [row["dedupe_key"] for row in first]
    assert set(keys) <= {row["dedupe_key"] for row in second}
    assert len(keys) == len(set(keys))
    assert faults.fetch() == []  # nothing new lies there


def test_a_change_that_the_partner_refuses_does_not_hold_up_the_case(faults: Any, partner: Desk) -> None:
    faults.send()
    faults.drain()
    partner.script = [lambda call: (409, {"code": "NOT_RESOLVED", "reason": "it is not resolved"})]
    refused = faults.send("close", text="It works")
    faults.send("note", text="Still waiting", note_key="note:9")
    faults.drain()
    refused.refresh_from_db()
    assert (refused.state, refused.blocks) == ("failed", False)
    assert partner.orders["1"]["note"][-1]["text"] == "Still waiting"
    assert Event.objects.get(name="message.failed").payload["entity"] == "ticket"


@pytest.mark.parametrize(
    ("verb", "status"), [("cancel", "cancelled"), ("close", "closed"), ("reopen", "inProgress")], ids=str
)
def test_our_commands_are_states_of_the_standard(verb: str, status: str, faults: Any, partner: Desk) -> None:
    faults.send()
    message = faults.send(verb, text="Because we say so")
    faults.drain()
    faults.hub.due()
    faults.drain()
    message.refresh_from_db()
    assert message.state == "delivered"
    assert partner.orders["1"]["statusChange"][-1]["status"] == status
    assert partner.orders["1"]["statusChange"][-1]["changeReason"] == "Because we say so"


def test_colliding_ids_of_two_partners_stay_apart(faults: Any, partner: Desk, client: Any) -> None:
    other = make_endpoint(faults.world.northfibre, partner.url, kind="tmf621", name="Another", dialect="")
    faults.send()
    faults.drain()
    body = {"event": {"troubleTicket": {**partner.orders["1"], "externalId": "", "status": "closed"}}}
    answer = client.post(f"/hooks/{other.inbound_key}/", body, content_type="application/json")
    faults.read()
    assert answer.status_code == 201
    assert Message.objects.get(endpoint=other, direction="in").state == "unrouted"
    assert not Event.objects.filter(name="message.received").exists()


def test_a_wrong_signature_is_refused_and_recorded(faults: Any, client: Any) -> None:
    Endpoint.objects.filter(pk=faults.way.pk).update(inbound_secret="whsec_" + "c2VjcmV0" * 4)
    answer = client.post(f"/hooks/{faults.way.inbound_key}/", {"id": "1"}, content_type="application/json")
    assert answer.status_code == 401
    assert Message.objects.get(endpoint=faults.way).state == "rejected"


def test_two_systems_that_answer_each_other_are_stopped_for_a_person(faults: Any, settings: Any) -> None:
    settings.HUB_LEG_FUSE = 5
    for number in range(6):
        faults.send("note", text=f"Thank you {number}", note_key=f"note:{number}")
    last = Message.objects.filter(leg=faults.leg()).latest("pk")
    assert (last.state, last.blocks) == ("failed", True)
    assert "answer each other" in faults.leg().attention
    assert Event.objects.filter(name="leg.needs_attention").count() == 1
    failed = Event.objects.get(name="message.failed").payload
    assert (failed["message_id"], failed["verb"]) == (last.pk, "note"), "whoever sent it learns that it will not arrive"


def test_a_state_that_we_set_in_a_customers_system_does_not_come_back_as_its_news(faults: Any, partner: Desk) -> None:
    customer = faults.world.harbour
    way = make_endpoint(
        None, partner.url, kind="tmf621", customer=customer, organisation=faults.world.brightwave, dialect=""
    )
    assert actions.customer_endpoint(customer=customer) == way
    leg = faults.leg("OFX-C1", way)
    for verb, fields in (("create", {}), ("status", {"state": "in_progress", "text": "We look at it"})):
        actions.send(leg=leg, verb=verb, order=fault("OFX-C1", **fields), at=AT, actor=None)
    for _ in range(2):
        faults.hub.drain(way)
    partner.change("1", status="closed", statusChangeReason="It works for us")
    partner.orders["1"]["statusChange"][-2]["changeDate"] = AT.isoformat()
    states = [row["state"] for row in faults.fetch("OFX-C1") if row["update_type"] == "STATE"]
    assert states == ["acknowledged", "closed"]


def test_a_ticket_that_began_in_the_other_system_is_told_and_waits_for_its_leg(faults: Any, client: Any) -> None:
    row = {"id": "INC1", "status": "New", "name": "Phones are dead", "severity": "Critical", "sequence": 1}
    client.post(f"/hooks/{faults.way.inbound_key}/", row, content_type="application/json")
    faults.read()
    told = Event.objects.get(name="ticket.reported").payload
    assert (told["external_id"], told["title"], told["severity"]) == ("INC1", "Phones are dead", "extensive")
    message = Message.objects.get(pk=told["message_id"])
    assert message.state == "unrouted"
    actions.open_leg(
        organisation=faults.world.brightwave, case="ticket:9", subject="partner_ticket:9", endpoint=faults.way,
        our_key="OFX-F9", at=AT, simulated=False, entity="ticket", external_id="INC1",
    )  # fmt: skip
    again = actions.replay(message=message, actor=None, at=AT)
    faults.read()
    again.refresh_from_db()
    assert (again.state, again.leg.our_key) == ("routed", "OFX-F9")


def test_a_partner_without_a_system_is_told_at_its_fault_desk_and_in_its_portal(faults: Any, mailoutbox: Any) -> None:
    small = operator("smallnet")
    assert way_to(operator=small, organisation=faults.world.brightwave, at=AT, entity="ticket") is None
    Contact.objects.create(operator=small, purpose="orders", name="Orders", email="orders@smallnet.example")
    Contact.objects.create(operator=small, purpose="faults", name="Faults", email="noc@smallnet.example")
    way = way_to(operator=small, organisation=faults.world.brightwave, at=AT, entity="ticket")
    assert way is not None
    assert way.kind == "portal"
    assert recipients(small, "ticket") == ("noc@smallnet.example",)
    assert recipients(small) == ("orders@smallnet.example",)
    message = faults.send(
        key="OFX-P1", at=way, recipients=recipients(small, "ticket"), portal_url="http://x.example/f/"
    )
    faults.hub.drain(way)
    message.refresh_from_db()
    assert message.state == "delivered"
    [mail] = mailoutbox
    assert mail.to == ["noc@smallnet.example"]
    assert mail.subject == "Fault [OFX-P1] No connection"
    assert "http://x.example/f/" in mail.body


def test_a_reply_by_mail_finds_its_fault_and_an_orders_thread_still_needs_a_file(faults: Any) -> None:
    way = make_endpoint(faults.world.northfibre, "", kind="email", dialect="", address="noc@smallnet.example")
    faults.send(key="OFX-M1", at=way)
    faults.hub.send(at=way, key="OFX-O1")
    for subject in ("Re: Fault [OFX-M1] No connection", "Re: Order [OFX-O1]"):
        raw = f"From: noc@smallnet.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nSubject: {subject}\n\nFIXED: spliced"
        polled = Polled(subject, raw.encode(), "mail", {"kind": "mail"})
        ingest.store_polled(way, [polled], AT)
    faults.read()
    states = dict(Message.objects.filter(direction="in").order_by("pk").values_list("dedupe_key", "state"))
    assert list(states.values()) == ["routed", "unrecognised"]
    [news] = Event.objects.get(name="message.received").payload["news"]
    assert (news["update_type"], news["fix"]) == ("RESOLVED", "spliced")


@pytest.mark.parametrize("body", [{"status": ["a"]}, {"id": "1", "status": {"a": 1}}, {"id": {}, "status": "x"}, [1]])
def test_hostile_bodies_end_as_rows_that_say_why(body: Any, faults: Any, client: Any) -> None:
    client.post(f"/hooks/{faults.way.inbound_key}/", body, content_type="application/json")
    faults.read()
    row = Message.objects.get(direction="in")
    assert row.state in ("unrecognised", "unrouted", "rule_failed")
    assert row.reason


def test_a_new_date_of_the_partner_is_a_note_that_bears_it(faults: Any, partner: Desk) -> None:
    faults.send()
    faults.drain()
    later = {"expectedResolutionDate": "2026-03-04T12:00:00Z"}
    partner.change("1", status="held", statusChangeReason="CAPACITY_ISSUE: no engineer", **later)
    told = faults.fetch()
    wait = next(row for row in told if row["state"] == "held")
    assert (wait["clock_owner"], wait["reason"], wait["text"]) == ("partner", "CAPACITY", "no engineer")
    assert [row["expected_at"] for row in told if row["expected_at"]] == ["2026-03-04T12:00:00+00:00"]
    partner.change("1", status="puzzled")
    assert "status puzzled" in faults.fetch()[-1]["unmapped"]
    assert Event.objects.get(name="mapping.drifted").payload["words"] == ["status puzzled"]


def test_bodies_are_forgotten_long_after_their_case_and_what_waits_for_a_person_is_kept(faults: Any) -> None:
    faults.send()
    faults.send(key="OFX-F2")
    faults.drain()
    rows = Message.objects.filter(verb="create")
    Leg.objects.filter(our_key="OFX-F1").update(closed_at=AT)
    rows.update(ended_at=AT)
    assert retention.forget(at=AT) == 1
    gone, kept = rows.order_by("pk")
    assert (gone.wire, gone.answer, gone.canonical) == ("", "", {})
    assert gone.leg.external_id
    assert kept.wire
    Leg.objects.filter(our_key="OFX-F2").update(closed_at=AT)
    rows.filter(pk=kept.pk).update(state="failed")
    assert retention.forget(at=AT) == 0


def test_a_customers_own_system_has_a_page_that_says_whose_it_is_and_can_be_changed(faults: Any) -> None:
    world = faults.world
    way = make_endpoint(
        None, "http://itsm.example/v4", kind="tmf621", customer=world.harbour, organisation=world.brightwave
    )
    page = world.client("alice").get(f"/endpoints/{way.pk}/").content.decode()
    assert "Harbour Books" in page
    assert "faults, outages" in page
    assert "Harbour Books" in world.client("alice").get("/endpoints/").content.decode()
    assert world.api("alice").get(f"/api/v1/endpoints/{way.pk}/").json()["customer"]["name"] == "Harbour Books"
    form = {"name": "Desk", "base_url": way.base_url, "entities": ["ticket"], "timeout_seconds": 5}
    form |= {"rate_per_minute": 60, "poll_seconds": 0}
    answer = world.client("alice").post(f"/endpoints/{way.pk}/edit/", form)
    assert answer.status_code == 302
    way.refresh_from_db()
    assert (way.entities, way.speaks("problem"), way.customer) == (["ticket"], False, world.harbour)


def test_further_senders_of_a_mail_partner_are_kept_and_checked(faults: Any) -> None:
    world = faults.world
    way = make_endpoint(world.northfibre, "", kind="email", address="a@b.example", organisation=world.brightwave)
    form = {"name": "Mail", "address": "a@b.example", "entities": ["ticket"], "timeout_seconds": 5}
    form |= {"rate_per_minute": 60, "poll_seconds": 0, "mail_from": "works@b.example, noc@b.example"}
    client = world.client("alice")
    assert client.post(f"/endpoints/{way.pk}/edit/", form).status_code == 302
    way.refresh_from_db()
    assert way.services["mail_from"] == "works@b.example, noc@b.example"
    refused = client.post(f"/endpoints/{way.pk}/edit/", form | {"mail_from": "nobody"})
    assert refused.status_code == 400
    assert "Enter a valid email" in refused.content.decode()


def test_the_messages_of_a_fault_say_that_it_is_one(faults: Any) -> None:
    message = faults.send()
    faults.drain()
    page = faults.world.client("alice").get(f"/messages/{message.pk}/").content.decode()
    assert "Fault to Northfibre faults" in page
