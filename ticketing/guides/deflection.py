"""Deflection, told honestly (DOMAIN 9.4): what was offered, what was really solved, and what only looked so."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncWeek

from ofx.core.models import Organisation
from ticketing.guides.models import SELF_SERVICE, GuideRun, GuideStep
from ticketing.tickets.models import Ticket

CLAIM = 60  # per cent, the field's claim
PUBLISHED = (25, 40)  # per cent, published for a year of use (DOMAIN 9.4)
FEWEST = 20  # below so many cases a rate is shown with a warning
DEFINITION = (
    "Rate = confirmed ÷ (confirmed + handled by people). Confirmed: a test turned from red to green, or the person "
    "said that it works, and nobody called about the same fault within 7 days. Handled by people: the run became a "
    "ticket, or the person came back within 7 days. Implied (left, and no contact for 7 days) is shown apart, never "
    "added. "
    "Abandoned: left within 90 seconds or without a step. Fixes younger than 7 days are provisional and not counted."
)
OUTCOMES = ("confirmed", "provisional", "implied", "waiting", "abandoned", "escalated", "recontacted", "informed")


@dataclass(frozen=True)
class Figures:
    """Counts of runs of one guide, one week, or all."""

    offered: int = 0
    started: int = 0
    confirmed: int = 0
    provisional: int = 0
    implied: int = 0
    waiting: int = 0
    abandoned: int = 0
    escalated: int = 0
    recontacted: int = 0
    informed: int = 0

    @property
    def handled(self) -> int:
        """Cases that people had to work on after all."""
        return self.escalated + self.recontacted

    @property
    def sample(self) -> int:
        """Cases that the rate is made of."""
        return self.confirmed + self.handled

    @property
    def rate(self) -> float | None:
        """Deflected ÷ (deflected + handled), in per cent; None without a case."""
        return round(100 * self.confirmed / self.sample, 1) if self.sample else None

    @property
    def few(self) -> bool:
        """Whether the sample is too small to say much."""
        return self.sample < FEWEST


@dataclass(frozen=True)
class Line:
    """The figures of one thing."""

    label: str
    figures: Figures
    key: Any = None


@dataclass(frozen=True)
class Article:
    """What a known error did inside guides: shown, and said to have helped."""

    title: str
    shown: int
    worked: int


@dataclass(frozen=True)
class Effort:
    """Desk minutes saved: confirmed × the measured median of a ticket of the same class."""

    minutes: int
    measured: int  # tickets with measured minutes behind it
    unmeasured: int  # confirmed runs of classes for which nothing was measured


def counted(
    *, organisation: Organisation, since: datetime, until: datetime, simulated: bool = False
) -> QuerySet[GuideRun]:
    """Self-service runs that were offered in a period; no trials, and simulated ones only when asked for."""
    return GuideRun.objects.filter(
        organisation=organisation,
        offered_at__gte=since,
        offered_at__lt=until,
        trial=False,
        simulated=simulated,
        channel__in=SELF_SERVICE,
    )


def _counts() -> dict[str, Count]:
    found = {name: Count("pk", filter=Q(outcome=name)) for name in OUTCOMES}
    return {"offered": Count("pk"), "started": Count("pk", filter=Q(first_step_at__isnull=False)), **found}


def _figures(row: dict[str, Any]) -> Figures:
    return Figures(**{one.name: row[one.name] or 0 for one in fields(Figures)})


def overall(runs: QuerySet[GuideRun]) -> Figures:
    """All runs together."""
    return _figures(runs.order_by().aggregate(**_counts()))


def by_guide(runs: QuerySet[GuideRun]) -> list[Line]:
    """A line a guide, the most offered first."""
    rows: Any = runs.order_by().values("guide_id", "guide__title").annotate(**_counts())
    rows = rows.order_by("-offered", "guide__title")
    return [Line(row["guide__title"], _figures(row), row["guide_id"]) for row in rows]


def by_week(runs: QuerySet[GuideRun]) -> list[Line]:
    """A line a week of the offer, eldest first."""
    rows: Any = (
        runs.order_by().annotate(week=TruncWeek("offered_at")).values("week").annotate(**_counts()).order_by("week")
    )
    return [Line(f"{row['week']:%-d %b}", _figures(row), row["week"].date()) for row in rows]


def by_article(runs: QuerySet[GuideRun]) -> list[Article]:
    """Known errors that were shown inside guides, the most shown first."""
    steps = GuideStep.objects.filter(run__in=runs, superseded_at=None, answered_at__isnull=False)
    shown: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for answer in steps.filter(answer__has_key="hints").values_list("answer", flat=True):
        for hint in answer["hints"]:
            shown[hint["title"]][0] += 1
            shown[hint["title"]][1] += answer.get("value") == f"worked:{hint['pk']}"
    rows = [Article(title, count, worked) for title, (count, worked) in shown.items()]
    return sorted(rows, key=lambda row: (-row.shown, row.title))


def effort(runs: QuerySet[GuideRun]) -> Effort:
    """Minutes that the desk did not spend, from minutes that it was measured to spend on tickets of the same class."""
    confirmed = dict(runs.order_by().filter(outcome="confirmed").values_list("fault_class").annotate(n=Count("pk")))
    organisation = runs.order_by().values("organisation_id")[:1]
    tickets = Ticket.objects.filter(organisation_id__in=organisation, simulated=False, desk_seconds__gt=0)
    tickets = tickets.filter(resolved_at__isnull=False, fault_class__in=confirmed)
    spent: dict[str, list[int]] = defaultdict(list)
    for fault_class, seconds in tickets.values_list("fault_class", "desk_seconds"):
        spent[fault_class].append(seconds)
    saved = sum(count * median(spent[name]) for name, count in confirmed.items() if spent[name])
    unmeasured = sum(count for name, count in confirmed.items() if not spent[name])
    return Effort(round(saved / 60), sum(len(one) for one in spent.values()), unmeasured)


def every_week(weeks: Iterable[Line], since: datetime, until: datetime) -> list[Line]:
    """All weeks of a period, those without a run as well: time is drawn to scale, and one week alone is a line."""
    known = {line.key: line for line in weeks}
    monday = since.date() - timedelta(days=since.weekday())
    days = [monday + timedelta(weeks=number) for number in range((until.date() - monday).days // 7 + 1)]
    return [known.get(day) or Line(f"{day:%-d %b}", Figures(), day) for day in days]


def chart(weeks: Iterable[Line]) -> dict[str, Any]:
    """The weekly rate with the claim and the published band as lines. Weeks without a case have a gap."""
    lines = list(weeks)
    count = len(lines)
    return {
        "type": "line",
        "unit": "% confirmed, by week of the offer",
        "x": [line.label for line in lines],
        "series": [
            {"label": "confirmed", "values": [line.figures.rate for line in lines], "tone": "green"},
            {"label": f"{CLAIM} %: the field's claim", "values": [CLAIM] * count, "tone": "red"},
            {"label": f"{PUBLISHED[1]} %: published, upper", "values": [PUBLISHED[1]] * count, "tone": "grey"},
            {"label": f"{PUBLISHED[0]} %: published, lower", "values": [PUBLISHED[0]] * count, "tone": "grey"},
        ],
    }


def table(lines: Iterable[Line]) -> str:
    """The figures as a table of plain text, for commands."""
    names = ("offered", "started", *OUTCOMES)
    head = f"{'':30}" + "".join(f"{name[:11]:>12}" for name in names) + f"{'rate':>8}{'n':>6}"
    rows = [
        f"{line.label[:29]:30}"
        + "".join(f"{getattr(line.figures, name):>12,}" for name in names)
        + f"{'–' if line.figures.rate is None else f'{line.figures.rate:.1f} %':>8}{line.figures.sample:>6}"
        for line in lines
    ]
    return "\n".join([head, *rows])
