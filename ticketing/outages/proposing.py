"""Faults and failed tests become signals, signals a proposal, quiet signals the baseline. Incremental and cheap.

Only keys that got a signal since the last look are judged; each distinct service counts once a window.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max

from ofx.core.models import Organisation
from ofx.core.sweeps import each
from ofx.orders.models import ServiceRecord
from partners.models import Operator
from ticketing.outages.actions import propose
from ticketing.outages.detection import Baseline, Finding, Settings, judge
from ticketing.outages.keys import Key, place_keys, service_keys
from ticketing.outages.models import Outage, OutageBaseline, OutageSignal, OutageWatching
from ticketing.outages.vocabulary import NARROW_FIRST
from ticketing.tickets.models import ServiceTest, Ticket

NOT_FAULTS = ("order", "billing")
LEARN_AFTER = timedelta(hours=3)
KEPT = timedelta(days=60)
HALF_LIFE_DAYS = 91.0
MOST_NEW = 5_000
NARROWER = 0.7  # a narrower key that explains so much of a wider one is the better name for it
ONE_OPERATOR = 0.8
SPARK_MINUTES, SPARK_STEP = 120, 5
SECTOR = re.compile(r"^([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9])$")


@dataclass(frozen=True)
class Hit:
    """A key that is unusually loud."""

    key: Key
    finding: Finding
    signals: list[OutageSignal]
    things: frozenset[str]


def watch_settings() -> Settings:
    """N, T and how unlikely, as configured."""
    return Settings(settings.OUTAGE_LEAST, settings.OUTAGE_MINUTES, settings.OUTAGE_ALPHA)


def see_ticket(ticket: Ticket) -> int:
    """A fault counts for every key of its service or place. Returns how many signals are new."""
    if ticket.fault_class in NOT_FAULTS or ticket.channel == "outage":
        return 0
    service = ticket.service
    keys = service_keys(service) if service else place_keys(ticket.country, ticket.postcode)
    thing = f"service:{service.pk}" if service else f"place:{ticket.postcode}"
    return _keep(ticket.organisation_id, keys, thing, f"ticket:{ticket.pk}", ticket.created_at)


def see_test(test: ServiceTest) -> int:
    """A red test counts like a fault; one that was asked for by an outage does not."""
    if test.colour != "red" or test.why == "outage":
        return 0
    at = test.done_at or test.requested_at
    keys, thing = service_keys(test.service), f"service:{test.service_id}"
    return _keep(test.organisation_id, keys, thing, f"service_test:{test.pk}", at)


def _keep(organisation_id: int, keys: Iterable[Key], thing: str, source: str, at: datetime) -> int:
    rows = [
        OutageSignal(organisation_id=organisation_id, kind=kind, value=value, thing=thing, source=source, at=at)
        for kind, value in keys
        if kind in NARROW_FIRST
    ]
    return len(OutageSignal.objects.bulk_create(rows, ignore_conflicts=True))


def look(*, at: datetime) -> int:
    """Judge every tenant with new signals. Returns how many outages were proposed."""
    fresh = OutageSignal.objects.filter(learnt=False)  # what was not judged yet is hours from being learnt
    newest = dict(fresh.values_list("organisation_id").annotate(Max("pk")))
    seen = dict(OutageWatching.objects.values_list("organisation_id", "seen_signal"))
    loud = [pk for pk, last in newest.items() if last > seen.get(pk, 0)]
    made: list[int] = []
    each(sorted(loud), lambda pk: made.append(look_at(Organisation.objects.get(pk=pk), at=at)))
    return sum(made)


def look_at(organisation: Organisation, *, at: datetime) -> int:
    """Judge the keys of one tenant that got signals since the last look."""
    with transaction.atomic():
        watching = _watching(organisation, at)
        fresh = OutageSignal.objects.filter(organisation=organisation, pk__gt=watching.seen_signal).order_by("pk")
        new = list(fresh.values_list("pk", "kind", "value")[:MOST_NEW])
        if not new:
            return 0
        touched = {(kind, value) for _, kind, value in new}
        proposed = _propose(organisation, touched, watching, at)
        OutageWatching.objects.filter(pk=watching.pk).update(seen_signal=new[-1][0])
    return proposed


def _watching(organisation: Organisation, at: datetime) -> OutageWatching:
    OutageWatching.objects.get_or_create(organisation=organisation, defaults={"since": at, "faded_at": at})
    return OutageWatching.objects.select_for_update().get(organisation=organisation)


def _propose(organisation: Organisation, touched: set[Key], watching: OutageWatching, at: datetime) -> int:
    """The best-named of the loud keys, then those that are loud without its signals, and so on."""
    made = 0
    baseline = baseline_of(organisation, touched, watching)
    hits = [hit for key in touched if (hit := _loud(organisation, key, baseline, at))]
    while hits:
        best = best_named(hits)
        if _make(organisation, best, at) is not None:
            made += 1
        left = {hit.key for hit in hits} - {best.key}
        hits = [hit for key in left if (hit := _loud(organisation, key, baseline, at))]
    return made


def _loud(organisation: Organisation, key: Key, baseline: Baseline, at: datetime) -> Hit | None:
    rule = watch_settings()
    since = at - timedelta(minutes=rule.window_minutes)
    rows = OutageSignal.objects.filter(organisation=organisation, kind=key[0], value=key[1], at__gt=since, at__lte=at)
    signals = list(rows.filter(outage=None).order_by("at", "pk"))
    first: dict[str, datetime] = {}
    for signal in signals:
        first.setdefault(signal.thing, signal.at)
    ages = [(at - moment).total_seconds() / 60 for moment in first.values()]
    finding = judge(ages, baseline.per_hour(key, hour_of_week(at)), rule)
    return Hit(key, finding, signals, frozenset(first)) if finding else None


def best_named(hits: list[Hit]) -> Hit:
    """The narrowest key that explains most of what the widest loud one shows; among equals the least likely."""
    widest = max(hits, key=lambda hit: (len(hit.things), -hit.finding.chance))
    fitting = [hit for hit in hits if len(hit.things & widest.things) >= NARROWER * len(widest.things)]
    return min(fitting, key=lambda hit: (NARROW_FIRST.index(hit.key[0]), hit.finding.chance))


def baseline_of(organisation: Organisation, touched: set[Key], watching: OutageWatching) -> Baseline:
    """What is usual for the kinds of these keys."""
    counts: dict[Key, dict[int, float]] = defaultdict(dict)
    rows = OutageBaseline.objects.filter(organisation=organisation, kind__in={kind for kind, _ in touched})
    for kind, value, hour, count in rows.values_list("kind", "value", "hour", "count").iterator(chunk_size=5_000):
        counts[kind, value][hour] = count
    return Baseline(counts, watching.weeks)


def _make(organisation: Organisation, hit: Hit, at: datetime) -> Outage | None:
    """Propose it, and mark its signals as explained so that no other key is proposed for the same faults."""
    tickets = list(Ticket.objects.filter(pk__in=_numbers(hit.signals, "ticket")).order_by("created_at", "pk"))
    services = ServiceRecord.objects.filter(pk__in=_things(hit.things)).select_related("operator")
    operator = _operator(hit, list(services), tickets)
    with_one = {"operator": operator} if operator or hit.key[0] in ("sector", "postcode") else None
    if with_one is None:
        return None
    outage = propose(
        at=at, organisation=organisation, key=hit.key, title=title_of(hit.key, operator), evidence=evidence_of(hit, at),
        tickets=tickets, started_at=hit.signals[0].at, simulated=bool(tickets) and all(t.simulated for t in tickets),
        **with_one,
    )  # fmt: skip
    known = outage or Outage.objects.filter(
        organisation=organisation, proposal_key=f"{hit.key[0]}:{hit.key[1]}"[:120]
    ).order_by("-pk").first()  # fmt: skip
    sources = [signal.source for signal in hit.signals]
    OutageSignal.objects.filter(organisation=organisation, source__in=sources, outage=None).update(outage=known)
    return outage


def _operator(hit: Hit, services: list[ServiceRecord], tickets: list[Ticket]) -> Operator | None:
    if hit.key[0] == "partner":
        return Operator.objects.filter(code=hit.key[1]).first()
    found: dict[int, int] = defaultdict(int)
    for service in services:
        found[service.operator_id] += 1
    most = max(found, key=lambda pk: found[pk], default=None)
    if most is None or found[most] < ONE_OPERATOR * len(services):
        return None
    return next(service.operator for service in services if service.operator_id == most)


def title_of(key: Key, operator: Operator | None) -> str:
    """What the desk reads; customers read the public text."""
    words = {"sector": "No service in {}", "olt": "OLT {} down", "exchange": "Exchange {} down"}
    words |= {"handover": "Handover {} down", "partner": "Many faults at {}"}
    return words[key[0]].format(operator if key[0] == "partner" and operator else spoken(key))


def spoken(key: Key) -> str:
    """The key's value as people write it: a GB sector with the space before its last digit."""
    return SECTOR.sub(r"\1 \2", key[1]) if key[0] == "sector" else key[1]


def evidence_of(hit: Hit, at: datetime) -> dict[str, Any]:
    """Why it is proposed: the counts, what is usual, the rows behind them, and the last two hours as a line."""
    steps = [0] * (SPARK_MINUTES // SPARK_STEP)
    for signal in hit.signals:
        back = int((at - signal.at).total_seconds() // 60 // SPARK_STEP)
        if back < len(steps):
            steps[-1 - back] += 1
    found = hit.finding
    return {
        "kind": hit.key[0], "value": hit.key[1], "count": found.count, "minutes": round(found.minutes, 1),
        "expected": round(found.expected, 4), "chance": found.chance, "things": len(hit.things), "spark": steps,
        "tickets": _numbers(hit.signals, "ticket"), "tests": _numbers(hit.signals, "service_test"),
        "seen_at": at.isoformat(),
    }  # fmt: skip


def _numbers(signals: Iterable[OutageSignal], word: str) -> list[int]:
    found = (signal.source.partition(":") for signal in signals)
    return sorted({int(number) for kind, _, number in found if kind == word})


def _things(things: Iterable[str]) -> list[int]:
    return [int(thing[8:]) for thing in things if thing.startswith("service:")]


def hour_of_week(moment: datetime) -> int:
    """0 is Monday midnight UTC."""
    return moment.weekday() * 24 + moment.hour


LEARN = """
WITH old AS (
    UPDATE ticketing_outagesignal s SET learnt = true
    WHERE s.id IN (SELECT id FROM ticketing_outagesignal WHERE NOT learnt AND at < %(before)s ORDER BY at LIMIT 20000)
    RETURNING s.organisation_id, s.kind, s.value, s.outage_id,
        ((extract(isodow FROM s.at AT TIME ZONE 'UTC') - 1) * 24
         + extract(hour FROM s.at AT TIME ZONE 'UTC'))::int AS hour
)
INSERT INTO ticketing_outagebaseline (organisation_id, kind, value, hour, count)
SELECT o.organisation_id, o.kind, o.value, o.hour, count(*) FROM old o
LEFT JOIN ticketing_outage x ON x.id = o.outage_id
WHERE o.outage_id IS NULL OR x.state = 'rejected'
GROUP BY 1, 2, 3, 4
ON CONFLICT (organisation_id, kind, value, hour)
DO UPDATE SET count = ticketing_outagebaseline.count + excluded.count
"""


def learn(*, at: datetime) -> int:
    """Signals that no outage explains become part of what is usual; old counts fade. Returns how many keys grew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LEARN, {"before": at - LEARN_AFTER})
        grown = cursor.rowcount
        _fade(at)
    return grown


def _fade(at: datetime) -> None:
    """Once a day: half of a count is forgotten in 13 weeks, of the weeks behind it, too; learnt signals go."""
    for row in OutageWatching.objects.select_for_update().filter(faded_at__lte=at - timedelta(days=1)):
        days = (at - row.faded_at).total_seconds() / 86_400
        factor = 0.5 ** (days / HALF_LIFE_DAYS)
        OutageBaseline.objects.filter(organisation=row.organisation_id).update(count=F("count") * factor)
        weeks = row.weeks * factor + days / 7
        OutageWatching.objects.filter(pk=row.pk).update(weeks=weeks, faded_at=at)
        old = OutageSignal.objects.filter(organisation=row.organisation_id, at__lt=at - KEPT, learnt=True)
        old.filter(outage=None).delete()
