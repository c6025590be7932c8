"""serviceTest as v4 writes it. The operator's name and its own reference are the provider's to see only."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from ofx.tmf.inventory.faces import PRODUCT
from ofx.tmf.rest.columns import Moment, Text, Words
from ofx.tmf.rest.dates import stamp
from ofx.tmf.rest.face import Face, reference
from ofx.tmf.trouble_ticket.writing import party
from ticketing.models import ServiceTest
from ticketing.tickets.testing import KINDS
from ticketing.tickets.vocabulary import TEST_MAX_AGE_MINUTES

API = "serviceTestManagement"
STATE = {state: state for state in ServiceTest.State.values} | {"in_progress": "inProgress"}
Viewer = Literal["provider", "customer"]
Json = dict[str, Any]


def given_of(row: ServiceTest) -> Json:
    """What the caller's system sent; empty for a test that was asked for otherwise."""
    found: Json = row.buyer_test.given if hasattr(row, "buyer_test") else {}  # type: ignore[attr-defined]
    return found


def called(kind: str) -> str:
    """What a kind of test is called."""
    return KINDS[kind][0] if kind in KINDS else kind


def measures(row: ServiceTest) -> list[Json] | None:
    """testMeasure: what was measured."""
    found = []
    for one in row.measures:
        value = one.get("value")
        made = {
            "metricName": str(one.get("name", "")),
            "metricDescription": str(one.get("note") or "") or None,
            "unitOfMeasure": str(one.get("unit") or "") or None,
            "captureDateTime": stamp(row.done_at),
            "value": {"name": str(one.get("name", "")), "value": value, "@type": "Characteristic"},
            "@type": "TestMeasure",
        }
        found.append({name: inner for name, inner in made.items() if inner is not None})
    return found or None


def specification(row: ServiceTest) -> Json:
    """testSpecification: the kind of test."""
    made = reference(row.kind, "ServiceTestSpecification")
    return {**made, "@type": "ServiceTestSpecificationRef"}


def valid_for(row: ServiceTest) -> Json | None:
    """How long an operator takes it as a recent test (R18; its own rules may say less)."""
    if row.done_at is None or row.state != "completed":
        return None
    return {
        "startDateTime": stamp(row.done_at),
        "endDateTime": stamp(row.done_at + timedelta(minutes=TEST_MAX_AGE_MINUTES)),
    }


class TestFace(Face):
    """ServiceTest."""

    type, api, name = "ServiceTest", API, "serviceTest"
    columns: Mapping[str, Text] = {
        "id": Text("our_key"),
        "state": Words("state", {word: [ours] for ours, word in STATE.items()}),
        "startDateTime": Moment("requested_at"),
        "endDateTime": Moment("done_at"),
        "relatedService.id": Text("service__reference"),
        "testSpecification.id": Text("kind"),
    }

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.attributes = {
            "name": lambda row: given_of(row).get("name") or called(row.kind),
            "description": lambda row: given_of(row).get("description") or row.text or None,
            "mode": lambda row: given_of(row).get("mode") or "ONDEMAND",
            "state": lambda row: STATE[row.state],
            "startDateTime": lambda row: stamp(row.requested_at),
            "endDateTime": lambda row: stamp(row.done_at),
            "characteristic": self.characteristics,
            "relatedParty": self.parties,
            "relatedService": self.service,
            "testMeasure": measures,
            "testSpecification": specification,
            "validFor": valid_for,
        }

    def identify(self, row: ServiceTest) -> str:
        """Our key of the test."""
        return row.our_key

    def service(self, row: ServiceTest) -> Json:
        """What was tested."""
        found = row.service.reference
        return {**reference(found, "Product", PRODUCT.href(found)), "@type": "ServiceRef"}

    def parties(self, row: ServiceTest) -> list[Json]:
        """Whose service it is, and who ran the test."""
        made = [party("v4", "serviceProvider", str(row.organisation_id), row.organisation.name)]
        if self.viewer == "provider":
            made.append(party("v4", "supplier", row.operator.code, row.operator.name))
        return made

    def characteristics(self, row: ServiceTest) -> list[Json] | None:
        """The result in words and codes, what was agreed, and what it belongs to."""
        values: Json = {
            "colour": row.colour,
            "code": row.code,
            "text": row.text,
            "stalePort": row.stale_port or None,
            "disruptive": row.disruptive or None,
            "consent": row.consent,
            "problem": row.problem,
            "troubleTicket": row.ticket.reference if row.ticket else "",
            "operatorReference": row.partner_ref if self.viewer == "provider" else "",
            "externalId": row.buyer_test.external_id if hasattr(row, "buyer_test") else "",
        }
        found = [{"name": name, "value": value, "@type": "Characteristic"} for name, value in values.items() if value]
        return found or None


TEST: dict[Viewer, TestFace] = {"provider": TestFace("provider"), "customer": TestFace("customer")}
