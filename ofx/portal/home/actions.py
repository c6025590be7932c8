"""Count the figures of the home page in the background."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from ofx.core.models import Event, Organisation
from ofx.orders.models import DateChange, Order, PartnerOrder, ServiceRecord
from ofx.portal.home.models import DayFigures
from ofx.portal.home.money import monthly

DAYS = 60  # how far the trends look back
AGE_DAYS = (2, 5, 10)  # borders of the age buckets, in days since the order stands as it stands
UNFULFILLED = ("rejected", "failed", "cancelled")


def refresh_figures(*, at: datetime) -> int:
    """Count today for every tenant that something happened to since it was counted last. Returns how many.

    Days that are missing, such as all of them at first, are counted from the orders' own dates.
    """
    today = timezone.localdate(at)
    done = 0
    for provider in Organisation.objects.filter(kind="service_provider", active=True).order_by("pk"):
        last = DayFigures.objects.filter(organisation=provider, day=today).first()
        if last is None or _stirred(provider, last.computed_at):
            _count(provider, today, at, first=last is None)
            done += 1
    return done


def _stirred(provider: Organisation, since: datetime) -> bool:
    """Whether anything was published for the tenant. Events may tell of earlier times, so recorded_at decides."""
    newest = Event.objects.filter(organisation=provider).order_by("-at").values("pk")[:500]
    return Event.objects.filter(pk__in=newest, recorded_at__gt=since).exists()


def _count(provider: Organisation, today: date, at: datetime, *, first: bool) -> None:
    start = today - timedelta(days=DAYS if first else 1)
    flows = _flows(provider, start)
    standing, ages, still_open = _standing(provider, today, at)
    money = _money(provider) if first else []
    days = [today - timedelta(days=back) for back in range((today - start).days + 1)]
    rows = []
    for day in days:  # from today backwards: what was open is what is open, less what came since, plus what ended
        known = flows[day]
        rows.append(
            DayFigures(
                organisation=provider,
                day=day,
                computed_at=at,
                open_orders=max(0, still_open),
                ages=ages if day == today else {},
                standing=standing if day == today else {},
                money=money if day == today else [],
                **{name: known[name] for name in ("ordered", "completed", "committed", "slipped", "ended_unfulfilled")},
            )
        )
        still_open += known["closed"] - known["ordered"]
    _keep(rows, today, ["money"] if first else [])


def _keep(rows: list[DayFigures], today: date, once: list[str]) -> None:
    """Today's row whole; of earlier days only what is counted from dates, so that how they stood stays as it was.

    `once`: columns that are counted once a day, being dear.
    """
    flows = ["computed_at", "open_orders", "ordered", "completed", "committed", "slipped", "ended_unfulfilled"]
    for wanted, fields in ((True, [*flows, "ages", "standing", *once]), (False, flows)):
        DayFigures.objects.bulk_create(
            [row for row in rows if (row.day == today) is wanted],
            update_conflicts=True,
            unique_fields=["organisation", "day"],
            update_fields=fields,
        )


def _flows(provider: Organisation, start: date) -> dict[date, dict[str, int]]:
    """What happened on each day since `start`."""
    found: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    orders = Order.objects.filter(organisation=provider).exclude(state__in=["draft", "validated"])
    parts = PartnerOrder.objects.filter(organisation=provider)
    moves = DateChange.objects.filter(
        partner_order__organisation=provider, field="target_date", old__isnull=False, new__gt=F("old")
    )
    for name, rows, field in (
        ("ordered", orders, "created_at"),
        ("closed", orders, "closed_at"),
        ("ended_unfulfilled", orders.filter(state__in=UNFULFILLED), "closed_at"),
        ("completed", parts, "completed_at"),
        ("committed", parts, "committed_at"),
        ("slipped", moves, "at"),
    ):
        for day, count in _by_day(rows, field, start):
            found[day][name] = count
    return found


def _by_day(rows: QuerySet[Any], field: str, start: date) -> list[tuple[date, int]]:
    since = timezone.make_aware(datetime.combine(start, datetime.min.time()))
    counted = rows.filter(**{f"{field}__gte": since}).annotate(on=TruncDate(field)).values("on").order_by("on")
    return [(row["on"], row["n"]) for row in counted.annotate(n=Count("pk"))]


def _money(provider: Organisation) -> list[list[Any]]:
    """What active services cost a month, by operator and currency, dearest first."""
    services = ServiceRecord.objects.filter(organisation=provider, state="active")
    return [[row["name"], row["n"], str(row["monthly"]), row["currency"]] for row in monthly(services)]


def _standing(provider: Organisation, today: date, at: datetime) -> tuple[dict[str, int], dict[str, list[int]], int]:
    """How the tenant stands: flags, open orders by holder and age, and their number."""
    rows = Order.objects.filter(organisation=provider, closed_at=None).exclude(state__in=["draft", "validated"])
    unfinished = ~Q(state="completed")
    standing = rows.aggregate(
        blocked=Count("pk", filter=Q(blocked_since__isnull=False)),
        late=Count("pk", filter=Q(target_date__lt=today) & unfinished),
        due=Count("pk", filter=Q(target_date=today) & unfinished),
        silent=Count("pk", filter=Q(silent_from__lte=at)),
        jeopardy=Count("pk", filter=Q(in_jeopardy=True)),
    )
    cases = [
        When(Q(blocked_since__gt=at - timedelta(days=days)), then=Value(index)) for index, days in enumerate(AGE_DAYS)
    ]
    blocked = rows.filter(blocked_since__isnull=False)
    aged = blocked.annotate(bucket=Case(*cases, default=Value(len(AGE_DAYS)), output_field=IntegerField()))
    ages: dict[str, list[int]] = {}
    for row in aged.order_by().values("holder", "bucket").annotate(n=Count("pk")):
        ages.setdefault(row["holder"] or "us", [0] * (len(AGE_DAYS) + 1))[row["bucket"]] += row["n"]
    return standing, ages, rows.count()
