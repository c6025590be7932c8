"""Publish a version of a working calendar."""

from datetime import date, datetime, timedelta

import holidays
from django.db import transaction

from ofx.core.calendars.models import Calendar, CalendarDay, CalendarVersion

# code → name, country, subdivision for the `holidays` library
SHIPPED = {
    "england-wales": ("England and Wales", "GB", "ENG"),
    "scotland": ("Scotland", "GB", "SCT"),
    "northern-ireland": ("Northern Ireland", "GB", "NIR"),
    "us-federal": ("United States (federal)", "US", None),
}


def publish_calendar(*, code: str, at: datetime, first_year: int = 2020, last_year: int = 2032) -> CalendarVersion:
    """Write a new version of a shipped calendar: Monday to Friday without public holidays. KeyError if unknown."""
    name, country, subdivision = SHIPPED[code]
    off = holidays.country_holidays(country, subdiv=subdivision, years=range(first_year, last_year + 1))
    with transaction.atomic():
        calendar, _ = Calendar.objects.get_or_create(code=code, defaults={"name": name})
        number = CalendarVersion.objects.filter(calendar=calendar).count() + 1
        version = CalendarVersion.objects.create(calendar=calendar, number=number, published_at=at)
        days, total, day = [], 0, date(first_year, 1, 1)
        while day.year <= last_year:
            working = day.weekday() < 5 and day not in off
            total += working
            days.append(CalendarDay(version=version, date=day, working=working, total=total, label=off.get(day, "")))
            day += timedelta(days=1)
        CalendarDay.objects.bulk_create(days, batch_size=2000)
    return version
