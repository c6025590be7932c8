"""POST serviceTest read: which test of which service, for which ticket, with whose consent."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.orders.models import ServiceRecord
from ofx.tmf.inquiry.reading import member, members, text
from ofx.tmf.rest.errors import Conflict, invalid
from ofx.tmf.sent import digest_of, same
from ofx.tmf.service_test.models import BuyerTest
from ticketing.models import ServiceTest, Ticket
from ticketing.tickets.testing import KINDS, ConsentNeeded, NotTestable, start_test

REQUIRED = ("name", "relatedService", "testSpecification")
WORDS = {"name": 200, "description": 2000, "mode": 40}
ALIASES = {"linetest": "line", "onttest": "ont", "uniporttest": "uniport", "cfmtest": "cfm"}
Json = dict[str, Any]


@dataclass
class Wish:
    """What was asked."""

    service: str
    kind: str
    traits: dict[str, str] = field(default_factory=dict)
    given: Json = field(default_factory=dict)
    digest: str = ""

    @property
    def external_id(self) -> str:
        """The caller's own id; TMF653 has no attribute for it."""
        return self.traits.get("externalId", "")[:80]


def read(body: Json) -> Wish:
    """Raises ValidationError naming the attribute."""
    missing = [name for name in REQUIRED if not body.get(name)]
    if missing:
        raise invalid(missing[0], "This attribute is required.")
    kind = text(member(body, "testSpecification"), "id", 60, "testSpecification.").lower()
    kind = ALIASES.get("".join(filter(str.isalnum, kind)), kind)
    if kind not in KINDS:
        raise invalid("testSpecification.id", f"There is no test {kind!r}. There are: {', '.join(KINDS)}.")
    service = text(member(body, "relatedService"), "id", 120, "relatedService.")
    return Wish(service, kind, _traits(body), said(body), digest_of(body))


def said(body: Json) -> Json:
    """The caller's own words, given back."""
    return {name: text(body, name, most) for name, most in WORDS.items() if body.get(name) is not None}


def _traits(body: Json) -> dict[str, str]:
    found = {}
    for one in members(body, "characteristic"):
        name, value = text(one, "name", 60, "characteristic."), one.get("value")
        if name and isinstance(value, str | int | float | bool):
            found[name] = str(value)[:300]
    return found


def ask(*, actor: User, wish: Wish, at: datetime) -> ServiceTest:
    """Start it. The same under the same externalId is the same test.

    Raises ValidationError (no such service or ticket, no consent), Conflict where no test can be run.
    """
    permit(actor, "test.run")
    caller = actor.acting.organisation  # type: ignore[union-attr]
    known = BuyerTest.objects.select_related("test").of(caller, wish.external_id).first()
    if known:
        return same(known, wish.digest).test
    service, ticket = _service(actor, wish), _ticket(actor, wish)
    asked: Json = {"service": service, "ticket": ticket, "kind": wish.kind, "consent": wish.traits.get("consent", "")}
    try:
        with transaction.atomic():
            test = start_test(actor=actor, at=at, why="api", **asked)
            defaults = {"organisation": caller, "external_id": wish.external_id, "digest": wish.digest}
            defaults |= {"given": wish.given, "created_at": at}
            BuyerTest.objects.get_or_create(test=test, defaults=defaults)
            return test
    except ConsentNeeded as error:
        raise invalid("characteristic", f"{error} Send it as the characteristic `consent`.") from error
    except NotTestable as error:
        raise Conflict(str(error)) from error


def _service(actor: User, wish: Wish) -> ServiceRecord:
    rows = ServiceRecord.objects.visible_to(actor).select_related("operator", "organisation")
    found = rows.filter(reference=wish.service).first()
    if found is None:
        raise invalid("relatedService.id", f"You have no service {wish.service[:60]!r}.")
    return found


def _ticket(actor: User, wish: Wish) -> Ticket | None:
    wanted = wish.traits.get("troubleTicket", "")
    if not wanted:
        return None
    found = Ticket.objects.visible_to(actor).filter(reference=wanted).first()
    if found is None:
        raise invalid("characteristic", f"troubleTicket: you have no ticket {wanted[:60]!r}.")
    if found.service is not None and found.service.reference != wish.service:
        raise invalid("characteristic", f"troubleTicket: {wanted} is about another service.")
    return found
