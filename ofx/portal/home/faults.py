"""The faults on the first page: how many of each urgency, on whom they wait, and what this person has to decide.

Counts stop at a thousand and come from the board's indexes, so that the page costs the same at a million tickets.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from ofx.core.scoping import may
from ticketing.known_errors.models import Candidate, KnownError
from ticketing.known_errors.vocabulary import CANDIDATE_SIZE
from ticketing.models import Outage, OutageChild, PartnerTicket, Ticket
from ticketing.outages.vocabulary import LIVE, RUNNING
from ticketing.tickets.desk_board import HEADS, SOON, capped, words
from ticketing.tickets.filters import QUEUES, WORKED_ON, queue_of

DESK = ("fault_desk", "admin", "governance", "read_only")  # roles whose first page shows the provider's faults
PRIORITIES = (1, 2, 3, 4)
CARDS = 8
WANTED = ("customer", "operator", "assigned_to")


@dataclass(frozen=True)
class Figure:
    """A number that leads to its rows."""

    count: int
    label: str
    url: str
    note: str = ""
    tone: str = ""

    @property
    def count_words(self) -> str:
        """The exact number up to 1,000, then `1,000+`."""
        return words(self.count)


@dataclass(frozen=True)
class Waiting:
    """How many open faults wait for somebody."""

    owner: str
    figure: Figure


def desk_home(user: Any, at: datetime) -> dict[str, Any]:
    """The faults of a service provider. A constant number of queries."""
    rows = Ticket.objects.visible_to(user)
    going = rows.filter(state__in=WORKED_ON)
    shown = rows.select_related(*WANTED)
    ours = [*_first(shown, "mine", user), *_first(shown, "unassigned", user)]
    return {
        "fault_figures": [*_urgency(going), *_time(going, at)],
        "fault_waits": _waits(rows, user),
        "fault_first": sorted(ours, key=lambda row: (row.priority, row.created_at))[:CARDS],
        "fault_tsc": _first(shown, "tsc", user),
        "fault_outages": list(Outage.objects.visible_to(user).filter(state__in=RUNNING).order_by("-started_at")[:5]),
        "fault_decisions": [one for one in decisions(user) if one.count],
    }


def _first(rows: Any, queue: str, user: Any) -> list[Ticket]:
    """The most urgent of one queue of the board."""
    return list(queue_of(rows, queue, user).order_by("priority", "created_at")[:CARDS])


def _urgency(going: Any) -> list[Figure]:
    tones = {1: "late", 2: "soon"}
    counts = {number: capped(going.filter(priority=number)) for number in PRIORITIES}
    url = reverse("tickets")
    return [
        Figure(
            count,
            f"faults of priority {number}",
            f"{url}?open=true&priority={number}",
            "",
            tones.get(number, "") * bool(count),
        )
        for number, count in counts.items()
    ]


def _time(going: Any, at: datetime) -> list[Figure]:
    due = capped(going.filter(next_action_at__lte=at + SOON))
    tone = "soon" if due else ""
    return [
        Figure(due, "due within 2 hours", f"{reverse('tickets')}?open=true&sort=next", "by their next action", tone)
    ]


def _waits(rows: Any, user: Any) -> list[Waiting]:
    """Each queue of the board: on whom its faults wait."""
    labels, url = dict(QUEUES), reverse("tickets")
    return [
        Waiting(owner, Figure(capped(queue_of(rows, name, user)), labels[name], f"{url}?queue={name}"))
        for name, (owner, _) in HEADS.items()
    ]


def decisions(user: Any) -> list[Figure]:
    """What waits for this person's word: outages proposed, known errors to approve, to review, and to draft."""
    found = []
    outages = Outage.objects.visible_to(user).aggregate(
        proposed=Count("pk", filter=Q(state="candidate")),
        open=Count("pk", filter=Q(state__in=LIVE, planned=False)),
    )
    if may(user, "outage.write"):
        proposed = outages["proposed"]
        found.append(Figure(proposed, "outages proposed", reverse("outage-proposals"), "approve or refuse", "soon"))
    found.append(Figure(outages["open"], "outages open", f"{reverse('outages')}?state=open", "", "late"))
    own = KnownError.objects.filter(organisation_id=user.acting.organisation_id)
    url = reverse("known-errors")
    if may(user, "knowledge.approve"):
        waiting = own.filter(state="waiting").count()
        found.append(Figure(waiting, "known errors to approve", f"{url}?state=waiting", "written by the desk", "soon"))
    if may(user, "knowledge.write"):
        review = own.exclude(review_reason="").exclude(state="retired").count()
        found.append(Figure(review, "known errors to review", f"{url}?review=true", "stale, failing or doubled"))
        drafts = Candidate.objects.visible_to(user).filter(state="open", size__gte=CANDIDATE_SIZE).count()
        found.append(Figure(drafts, "candidates for a record", reverse("candidates"), "faults alike without a record"))
    return found


def partner_figures(user: Any, at: datetime) -> list[Figure]:
    """What was raised with an operator: new, late, on hold, and the most urgent. One query."""
    found = PartnerTicket.objects.visible_to(user).aggregate(
        new=Count("pk", filter=Q(state__in=("submitted", "failed_to_send"))),
        late=Count("pk", filter=Q(state__in=("acknowledged", "in_progress", "held"), expected_at__lt=at)),
        work=Count("pk", filter=Q(state__in=("acknowledged", "in_progress"))),
        held=Count("pk", filter=Q(state__in=("held", "pending"))),
        urgent=Count(
            "pk",
            filter=Q(
                state__in=("submitted", "acknowledged", "in_progress", "held", "pending"), ticket__priority__lte=2
            ),
        ),
    )
    url = reverse("partner-faults")
    return [
        Figure(found["new"], "new: take them", url, "", "soon" if found["new"] else ""),
        Figure(found["late"], "past their time", url, "", "late" if found["late"] else ""),
        Figure(found["work"], "being mended", url),
        Figure(found["held"], "on hold or asked back", url),
        Figure(found["urgent"], "of priority 1 or 2", url, "of all that are open"),
    ]


def customer_figures(user: Any) -> list[Figure]:
    """For a customer's administrator: the faults of all its people, and the outages that touch its lines."""
    rows = Ticket.objects.visible_to(user).filter(state__in=(*WORKED_ON, "resolved"))
    found = rows.aggregate(
        going=Count("pk", filter=~Q(state="resolved")),
        yours=Count("pk", filter=Q(holder="end_customer") & ~Q(state="resolved")),
        fixed=Count("pk", filter=Q(state="resolved")),
    )
    hit = OutageChild.objects.filter(customer_id=user.acting.organisation_id, outage__state__in=LIVE)
    lines = hit.exclude(state="detached").filter(outage__planned=False).count()
    url = reverse("my-faults")
    figures = [
        Figure(found["going"], "faults being mended", url),
        Figure(found["yours"], "wait for your answer", url, "", "soon" if found["yours"] else ""),
        Figure(found["fixed"], "fixed: please confirm", url, "", "green" if found["fixed"] else ""),
        Figure(lines, "lines in an outage", url, "", "late" if lines else ""),
    ]
    return [one for one in figures if one.count]  # where all is well a customer need not read four noughts
