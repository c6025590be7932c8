"""Reads of outages: what covers a service or place, how far telling has come, what the status page says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from ofx.core.models import Organisation
from ofx.orders.models import ServiceRecord
from partners.models import Operator
from ticketing.outages.keys import Key, place_keys, service_keys
from ticketing.outages.models import Outage, OutageChild, OutageKey, OutageReceipt
from ticketing.outages.vocabulary import HELD
from ticketing.tickets.models import Ticket

SHOWN_UPDATES = 4  # counted with every look at the page, a hundred thousand receipts each
RECENT = timedelta(days=7)
CALLED = ~Q(ticket__channel="outage")  # a ticket that we opened for a service that stayed down is no call


def covering(
    *, organisation: Organisation, service: ServiceRecord | None = None, country: str = "GB", postcode: str = "",
    operator: Operator | None = None, at: datetime,
) -> Outage | None:  # fmt: skip
    """The open outage, or planned work under way, that a service or place falls under; None. The eldest counts."""
    keys: list[Key] = service_keys(service) if service else place_keys(country, postcode)
    if service is None and operator is not None:
        keys.append(("partner", operator.code))
    if not keys:
        return None
    named = OutageKey.objects.filter(outage=OuterRef("pk")).filter(_any(keys))
    rows = Outage.objects.filter(organisation=organisation, state="open").filter(Exists(named)).filter(_now(at))
    at_operator = service.operator_id if service else (operator.pk if operator else None)
    if at_operator is not None:
        rows = rows.filter(Q(operator=None) | Q(operator_id=at_operator))
    elif service is None:
        # Of a place alone nobody knows whose network it is on: an outage of a place counts, one of equipment does not.
        rows = rows.filter(keys__kind__in=["sector", "postcode"]).distinct()
    return rows.select_related("operator", "organisation").order_by("started_at", "pk").first()


def _any(keys: list[Key]) -> Q:
    wanted = Q()
    for kind, value in keys:
        wanted |= Q(kind=kind, value=value)
    return wanted


def _now(at: datetime) -> Q:
    return Q(planned=False) | Q(window_start__lte=at, window_end__gt=at)


def mother_of(ticket: Ticket) -> OutageChild | None:
    """The open outage that holds this ticket back from the partner, if any."""
    rows = OutageChild.objects.filter(ticket=ticket, state__in=HELD, outage__state__in=["open", "clearing"])
    return rows.select_related("outage__operator").order_by("pk").first()


def why_not_raised(ticket: Ticket) -> dict[str, str]:
    """Why a child is not raised with the partner by itself (DOMAIN 9.3): field → advice; empty where it may be."""
    child = mother_of(ticket)
    if child is None:
        return {}
    outage = child.outage
    where = f", which {outage.operator} has as {outage.partner_ref}" if outage.operator and outage.partner_ref else ""
    return {
        "outage": f"It is part of {outage.reference}{where}. Take it out there if it is another fault: "
        f"{outage.get_absolute_url()}"
    }


@dataclass(frozen=True)
class Progress:
    """How many children there are and what became of them."""

    total: int = 0
    informed: int = 0
    called: int = 0
    unreachable: int = 0
    states: dict[str, int] | None = None

    @property
    def informed_share(self) -> int:
        """Whole per cent of children whose customer was told."""
        return round(100 * self.informed / self.total) if self.total else 0

    @property
    def not_called(self) -> int:
        """Children whose customer has not called."""
        return self.total - self.called

    def __getattr__(self, name: str) -> int:
        """A count by state, for templates: progress.still_down."""
        if name.startswith("_"):
            raise AttributeError(name)
        return (self.states or {}).get(name, 0)


def progress_of(outage: Outage) -> Progress:
    """Counts of one outage in one query; those taken out are left out."""
    rows = OutageChild.objects.filter(outage=outage)
    by_state: dict[str, Any] = {row["state"]: row for row in rows.values("state").annotate(
        n=Count("pk"), told=Count("informed_at"), called=Count("ticket", filter=CALLED)
    )}  # fmt: skip
    live = [row for state, row in by_state.items() if state != "detached"]
    total = sum(row["n"] for row in live)
    told = sum(row["told"] for row in live)
    return Progress(
        total=total,
        informed=told,
        called=sum(row["called"] for row in live),
        unreachable=by_state.get("attached", {}).get("n", 0),
        states={state: row["n"] for state, row in by_state.items()},
    )


def receipts_of(outage: Outage) -> list[dict[str, Any]]:
    """Receipts of the newest updates by update, channel and state; `look` is the state in words and its colour."""
    newest = list(outage.updates.order_by("-number").values_list("pk", flat=True)[:SHOWN_UPDATES])
    rows = OutageReceipt.objects.filter(update__in=newest).values("update__number", "channel", "state")
    rows = rows.annotate(n=Count("pk")).order_by("-update__number", "channel", "state")
    return [{**row, "look": OutageReceipt.STATE_LOOK[row["state"]]} for row in rows]


def status_rows(organisation: Organisation, at: datetime) -> dict[str, QuerySet[Outage]]:
    """What the public status page shows: now, planned, and what ended within a week."""
    rows = Outage.objects.filter(organisation=organisation, on_status_page=True, simulated=False)
    live = Q(state="open") | Q(state="clearing")
    soon = Q(planned=True, window_start__gt=at)
    return {
        "now": rows.filter(live).exclude(soon).order_by("-started_at"),
        "planned": rows.filter(live & soon).order_by("window_start"),
        "over": rows.filter(state__in=["cleared", "closed"], cleared_at__gte=at - RECENT).order_by("-cleared_at"),
    }


def outages_of_customer(customer: Organisation) -> QuerySet[Outage]:
    """Outages that touched a customer, the latest first."""
    mine = OutageChild.objects.filter(customer=customer).exclude(state="detached").values("outage")
    return Outage.objects.filter(pk__in=mine).order_by("-started_at")


def places_of(outage: Outage, limit: int = 400) -> list[dict[str, Any]]:
    """Affected postcodes with their position and number of services, for the map."""
    rows = OutageChild.objects.filter(outage=outage, service__isnull=False).exclude(state="detached")
    found = rows.values(country=F("service__country"), code=F("service__postcode")).annotate(n=Count("pk"))
    return [dict(row) for row in found.order_by("-n", "code")[:limit]]
