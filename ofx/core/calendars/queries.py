"""Arithmetic with working days. Days are half-open: the start day does not count."""

from bisect import bisect_left
from datetime import date
from functools import lru_cache

from ofx.core.calendars.models import CalendarDay, CalendarVersion


class OutsideCalendar(ValueError):
    """The date lies outside the years that the calendar holds."""


@lru_cache(maxsize=32)
def _days(version_id: int) -> tuple[list[date], list[int], dict[date, int]]:
    rows = list(CalendarDay.objects.filter(version_id=version_id).order_by("date").values_list("date", "total"))
    return [row[0] for row in rows], [row[1] for row in rows], {row[0]: i for i, row in enumerate(rows)}


def newest_version(code: str) -> int:
    """Id of a calendar's newest version. Raises CalendarVersion.DoesNotExist where the calendar is unknown."""
    return CalendarVersion.objects.filter(calendar__code=code).latest("number").pk


def add_working_days(version_id: int, start: date, count: int) -> date:
    """The date `count` working days after `start`. Raises OutsideCalendar beyond the calendar's years."""
    dates, totals, index = _days(version_id)
    if start not in index:
        raise OutsideCalendar(f"{start} lies outside the calendar")
    position = bisect_left(totals, totals[index[start]] + count)
    if position >= len(dates):
        raise OutsideCalendar(f"{count} working days after {start} lie outside the calendar")
    return dates[position] if count else start


def working_days_between(version_id: int, start: date, end: date) -> int:
    """Working days after `start` up to and including `end`; negative when `end` is earlier."""
    _, totals, index = _days(version_id)
    if start not in index or end not in index:
        raise OutsideCalendar(f"{start} or {end} lies outside the calendar")
    return totals[index[end]] - totals[index[start]]
