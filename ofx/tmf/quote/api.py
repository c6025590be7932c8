"""quote over HTTP."""

from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.tmf.inquiry import actions
from ofx.tmf.inquiry.actions import Answer
from ofx.tmf.inquiry.face import InquiryFace
from ofx.tmf.inquiry.models import Inquiry
from ofx.tmf.inquiry.reading import merged
from ofx.tmf.inquiry.resource import Inquiries
from ofx.tmf.quote import pricing
from ofx.tmf.rest.errors import Conflict, invalid
from ofx.tmf.rest.resource import refuse_frozen
from partners.conversations.storable import tree

Json = dict[str, Any]
# TMF648: what the buyer may make of a quote. inProgress and pending are never seen: the price is there at once.
MOVES = {"approved": ("accepted", "rejected", "cancelled"), "accepted": ("cancelled",)}
SAID = ("category", "description", "expectedFulfillmentStartDate", "requestedQuoteCompletionDate", "version", "note",
        "relatedParty")  # fmt: skip


class QuoteFace(InquiryFace):
    """Quote."""

    type, api, name = "Quote", "quoteManagement", "quote"
    prefix, dated = "Q", "quoteDate"
    names = (
        "category", "description", "effectiveQuoteCompletionDate", "expectedFulfillmentStartDate",
        "expectedQuoteCompletionDate", "externalId", "instantSyncQuote", "requestedQuoteCompletionDate", "version",
        "agreement", "authorization", "billingAccount", "contactMedium", "note", "productOfferingQualification",
        "quoteItem", "quoteTotalPrice", "relatedParty", "validFor",
    )  # fmt: skip


QUOTE = QuoteFace()


class Quotes(Inquiries):
    """quote."""

    faces = {"v4": QUOTE}
    kind = "quote"
    patchable = {*SAID, "state", "quoteItem"}

    def read(self, body: Json) -> Json:
        """See pricing.read."""
        return pricing.read(body)

    def answer(self, given: Json, at: datetime) -> Answer:
        """At once, from search."""
        return pricing.answer(given, self.request.user, at)

    def patch(self, request: Request, version: str, id: str) -> Response:
        """Accept, reject or cancel it, or change what is said beside it; its items and prices stand."""
        row = self.found(id)
        permit(request.user, "order.write")
        current = self.face.document(row)
        wanted = refuse_frozen(tree(self.given()), self.patchable, current, self.face)
        same_items(wanted.pop("quoteItem", None), current)
        if wanted:
            actor: Any = request.user
            given, answer = altered(row, wanted, now())
            actions.change(actor=actor, inquiry=row, given=given, answer=answer, at=now())
        return self.changed(id)


def same_items(given: Any, current: Json) -> None:
    """The v4 file demands quoteItem in a PATCH: it may stand there, but another item takes another quote."""
    if given is None:
        return
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise invalid("quoteItem", "A list of items is expected.")
    known = {item["id"]: item for item in current["quoteItem"]}
    for number, one in enumerate(item for item in given if item):
        item = known.get(str(one.get("id", "")), {} if "id" in one else current["quoteItem"][0])
        for name in ("action", "quantity"):
            if name in one and one[name] != item.get(name):
                raise Conflict(f"quoteItem[{number}].{name}: what was priced cannot be changed; ask for another quote.")


def altered(row: Inquiry, wanted: Json, at: datetime) -> tuple[Json, Answer]:
    """The quote with another state or other words. Raises Conflict for a state that it cannot take."""
    state = str(wanted.pop("state", row.state))
    if state != row.state:
        if state not in MOVES.get(row.state, ()):
            raise Conflict(f"The quote is {row.state}: it cannot become {state[:30]}.")
        if state == "accepted" and row.expires_at and row.expires_at <= at:
            raise Conflict("The quote has ended: its prices do not hold any more. Ask for another one.")
    given = merged(row.given, wanted)
    asked = pricing.read(given)
    said = {name: asked.get(name) for name in SAID}
    document = {**row.answer, **said}
    kept = {name: value for name, value in document.items() if value is not None}
    return given, Answer(state, kept, row.expires_at)
