"""Ofcom's rates by year, as they were printed. They change each April with the consumer price index of October."""

from datetime import date
from typing import Any

from django.apps import apps as installed

READ_ON = date(2026, 11, 22)
COLUMNS = ("repair_day", "missed_visit", "late_start_day")
YEARLY = "Ofcom automatic compensation, rates by year"
# From, repair a day, missed visit, late start a day, where it was printed.
ROWS = (
    ("2019-04-01", "8.00", "25.00", "5.00", f"{YEARLY}; theinquirer 2017"),
    ("2021-04-01", "8.06", "25.18", "5.04", f"{YEARLY}; Computer Active 04-2022"),
    ("2022-04-01", "8.40", "26.24", "5.25", f"{YEARLY}; Computer Active 04-2022"),
    ("2023-04-01", "9.33", "29.15", "5.83", YEARLY),
    ("2024-04-01", "9.76", "30.49", "6.10", f"{YEARLY}; ee.co.uk (but the visit)"),
    ("2025-04-01", "9.98", "31.19", "6.24", f"{YEARLY}; the late start derived from the chain, not printed"),
    ("2026-04-01", "10.34", "32.31", "6.46", f"{YEARLY}; linkspeed.co.uk"),
)


def ship_rates(apps: Any = installed, **_: Any) -> None:
    """After each migration: add the shipped rates that are not there. What is known stays, whatever its amount."""
    try:
        rate = apps.get_model("sla", "CompensationRate")
    except LookupError:  # migrated back to before the table
        return
    rate.objects.bulk_create(
        (
            rate(
                scheme="GB-AUTOMATIC", event=event, effective_from=date.fromisoformat(day), amount=amount,
                currency="GBP", source=source, read_on=READ_ON,
            )
            for day, *amounts, source in ROWS
            for event, amount in zip(COLUMNS, amounts, strict=True)
        ),
        ignore_conflicts=True,
    )  # fmt: skip
