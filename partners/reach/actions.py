"""Count reach: a footprint into bitmaps, a tenant's agreements into a summary. Statistics of the system, not logged."""

import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from pyroaring import BitMap

from ofx.core.celery_wake import wake
from ofx.core.models import Organisation
from partners.coverage.models import Footprint
from partners.reach import statements as sql
from partners.reach.models import ReachArea, ReachCount, ReachGain, ReachLine, ReachMap, ReachRun
from partners.reach.tenants import Standing, lines_and_gains, standing_of

BUDGET = 60.0  # seconds: one more footprint is begun only within it
LOCK = zlib.crc32(b"ofx-reach")
Key = tuple[str, str, str]  # technology, country, area


def sweep(*, clock: Callable[[], datetime]) -> int:
    """Hand new footprints to a task of its own, which has the time that millions of rows need; do the rest here."""
    if _uncounted(_one(sql.NEWEST)) and wake("partners.reach.tasks.count_reach"):
        return 0
    return refresh(clock=clock)


def refresh(*, clock: Callable[[], datetime], budget: float = BUDGET) -> int:
    """Areas whose places changed, footprints that were not counted, tenants whose summary is old; one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        try:
            return _refresh(clock, time.monotonic() + budget)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _refresh(clock: Callable[[], datetime], until: float) -> int:
    stamp = _one(sql.NEWEST)
    done = count_areas(stamp=stamp)
    for footprint in _uncounted(stamp):
        if time.monotonic() > until:
            return done
        count_footprint(footprint=footprint, stamp=stamp, at=clock())
        done += 1
    for old in (ReachMap, ReachCount):
        old.objects.exclude(footprint__state="active").delete()
    for provider in Organisation.objects.filter(kind="service_provider", active=True).order_by("pk"):
        done += count_tenant(organisation=provider, at=clock())
    return done


def count_areas(*, stamp: str) -> int:
    """Count postcodes and premises of every area again where places or addresses came in; returns 1 where it did."""
    if not stamp.startswith("0:") and ReachArea.objects.filter(stamp=stamp).exists():
        return 0
    premises = {(country, area): n for country, area, n in _rows(sql.PREMISES_OF_AREAS)}
    fresh = [
        ReachArea(country=country, area=area, postcodes=n, premises=premises.get((country, area), 0), lat=lat, lon=lon,
                  stamp=stamp)
        for country, area, n, lat, lon in _rows(sql.AREAS)
        if area
    ]  # fmt: skip
    if not fresh:
        return 0
    with transaction.atomic():
        ReachArea.objects.all().delete()
        ReachArea.objects.bulk_create(fresh)
    return 1


def count_footprint(*, footprint: Footprint, stamp: str, at: datetime) -> int:
    """Bitmaps of what a footprint serves live, by area and technology, and by area alone. Returns how many."""
    with transaction.atomic():
        postcodes, premises = _served(footprint.pk)
        rows = [
            ReachMap(
                footprint=footprint, operator_id=footprint.operator_id, technology=key[0], country=key[1], area=key[2],
                postcodes=places.serialize(), premises=premises[key].serialize(), postcodes_count=len(places),
                premises_count=len(premises[key]),
            )
            for key, places in postcodes.items()
        ]  # fmt: skip
        ReachMap.objects.filter(operator_id=footprint.operator_id).delete()
        ReachMap.objects.bulk_create(rows, batch_size=200)
        ReachCount.objects.update_or_create(footprint=footprint, defaults={"stamp": stamp, "counted_at": at})
    return len(rows)


def _served(footprint_id: int) -> tuple[dict[Key, BitMap], dict[Key, BitMap]]:
    postcodes: dict[Key, BitMap] = defaultdict(BitMap)
    premises: dict[Key, BitMap] = defaultdict(BitMap)
    with connection.cursor() as cursor:
        cursor.execute(sql.DROP)
        cursor.execute(sql.SAID, [footprint_id])
        cursor.execute("ANALYZE reach_said")
        cursor.execute(sql.SERVED)
        cursor.execute(sql.HOMES)
        for statement, found in ((sql.POSTCODES, postcodes), (sql.PREMISES, premises)):
            cursor.execute(statement)
            while rows := cursor.fetchmany(50):
                for technology, country, area, ids in rows:
                    known = BitMap(ids)
                    for name in {technology, ""}:
                        found[name, country, area] |= known
        cursor.execute(sql.DROP)
    for found in (postcodes, premises):
        for bits in found.values():
            bits.run_optimize()
    return postcodes, premises


def count_tenant(*, organisation: Organisation, at: datetime) -> int:
    """Count a tenant's reach again where its footprints, agreements or the day changed; returns 1 where it did."""
    standing = standing_of(organisation, at.date())
    known = ReachRun.objects.filter(organisation=organisation).first()
    if known is not None and known.stamp == standing.stamp:
        return 0
    lines, gains = lines_and_gains(organisation, standing, _mask)
    with transaction.atomic():
        Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
        ReachLine.objects.filter(organisation=organisation).delete()
        ReachGain.objects.filter(organisation=organisation).delete()
        ReachLine.objects.bulk_create(lines, batch_size=500)
        ReachGain.objects.bulk_create(gains, batch_size=500)
        values = {"stamp": standing.stamp, "counted_at": at}
        ReachRun.objects.update_or_create(organisation=organisation, defaults=values)
    return 1


def _mask(country: str, outcodes: list[str]) -> tuple[BitMap, BitMap]:
    """Ids of the places and of the known premises within some outcodes."""
    places = BitMap(row[0] for row in _rows(sql.PLACES_OF_OUTCODES, [country, outcodes]))
    homes = BitMap(row[0] for row in _rows(sql.PREMISES_OF_OUTCODES, [country, outcodes]))
    return places, homes


def _uncounted(stamp: str) -> list[Footprint]:
    """Footprints in force that were not counted, or against other places; the smallest first."""
    waiting = Q(reach_count=None) | ~Q(reach_count__stamp=stamp)
    rows = Footprint.objects.filter(waiting, state="active")
    return list(rows.defer("summary").order_by("rows_total", "pk"))


def _rows(statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _one(statement: str) -> str:
    return str(_rows(statement)[0][0])


__all__ = ["Standing", "count_areas", "count_footprint", "count_tenant", "refresh", "sweep"]
