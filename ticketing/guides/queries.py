"""Reads of guides: which one fits, what runs, what each node did."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from ofx.core.models import Organisation
from ofx.orders.models import ServiceRecord
from ticketing.guides.models import Guide, GuideRun, GuideStep, GuideVersion
from ticketing.tickets.models import Ticket
from ticketing.tickets.vocabulary import FaultClass

FALLBACK = "other"
# What a customer chooses from, in their words: fault class → (words, icon). Ethernet only where the service is one.
COMPLAINTS: dict[str, tuple[str, str]] = {
    "no_connection": ("No internet at all", "circle-x"),
    "intermittent": ("The internet keeps dropping", "refresh"),
    "slow_speed": ("It is slow", "gauge"),
    "wifi": ("Wi-Fi does not reach, or is weak", "router"),
    "voice": ("The phone does not work", "phone"),
    "ethernet_down": ("The line is down", "network"),
    "other": ("Something else", "help"),
}


def guide_for(*, fault_class: str, organisation: Organisation, audience: str = "customer") -> Guide | None:
    """The published guide of a fault class: the tenant's own first, then the exchange's, then that of anything else."""
    rows = Guide.objects.filter(
        Q(organisation=organisation) | Q(organisation=None),
        active=True,
        audience__in=(audience, "both"),
        fault_class__in=(fault_class, FALLBACK),
        versions__state="published",
    )
    found = sorted(
        rows.distinct(), key=lambda row: (row.fault_class != fault_class, row.organisation_id is None, -row.pk)
    )
    return found[0] if found else None


def complaints(service: ServiceRecord | None) -> list[tuple[str, str, str]]:
    """(fault class, words, icon) that a customer may choose for a service."""
    ethernet = service is not None and service.offering.kind == "ethernet"
    left_out = {"no_connection", "wifi", "voice"} if ethernet else {"ethernet_down"}
    return [(name, words, icon) for name, (words, icon) in COMPLAINTS.items() if name not in left_out]


def label(fault_class: str) -> str:
    """A fault class in the customer's words."""
    return COMPLAINTS[fault_class][0] if fault_class in COMPLAINTS else str(FaultClass(fault_class).label)


def resumable(user: Any) -> QuerySet[GuideRun]:
    """The person's own runs that can be gone on with, newest first."""
    rows = GuideRun.objects.visible_to(user).filter(user=user, trial=False, ticket=None)
    return rows.filter(Q(state="running") | Q(state="left", outcome__in=("waiting", "abandoned"))).select_related(
        "guide", "service"
    )


@dataclass(frozen=True)
class Passing:
    """What happened at one node of a version."""

    reached: int = 0
    left: int = 0
    fixed: int = 0

    @property
    def words(self) -> str:
        """As it stands on the drawing."""
        return f"{self.reached} reached · {self.left} left · {self.fixed} fixed"


def passings(version: GuideVersion) -> dict[str, Passing]:
    """Per node: runs that reached it, left at it without an end, and were fixed at it. No trials, no simulation."""
    steps = GuideStep.objects.filter(version=version, run__trial=False, run__simulated=False)
    reached = dict(steps.values_list("node").annotate(n=Count("run", distinct=True)))
    last: dict[int, tuple[str, str]] = {}
    ended = steps.filter(superseded_at=None, run__state__in=("left", "ended", "fixed")).order_by("position")
    for run, node, state in ended.values_list("run_id", "node", "run__state"):
        last[run] = (node, state)
    ends = Counter(last.values())
    return {
        node: Passing(count, ends[node, "left"] + ends[node, "ended"], ends[node, "fixed"])
        for node, count in reached.items()
    }


def runs_of(ticket: Ticket) -> QuerySet[GuideRun]:
    """Guides that were walked for a ticket, newest first."""
    return GuideRun.objects.filter(ticket=ticket, trial=False).select_related("guide", "user")
