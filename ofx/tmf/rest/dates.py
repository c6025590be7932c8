"""Moments as the standard writes them: ISO 8601, UTC, ending in Z (a + in a query decodes to a space)."""

from datetime import UTC, date, datetime, time

END_OF_DAY = time(17, 0)  # a day as a date-time: the end of its working hours, as our own messages to partners say it


def stamp(moment: datetime | date | None) -> str | None:
    """`2026-03-02T09:00:00Z`; a plain day is 17:00 UTC of it; None stays None."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, END_OF_DAY, UTC)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """A date-time, or a day (its beginning), as callers write it. Without a zone it is UTC. Raises ValueError."""
    if len(text) > 40:
        raise ValueError(f"{text[:40]!r} is not a date-time")
    try:
        # A + that was not escaped arrives as a space.
        found = datetime.fromisoformat(text.strip().replace(" 0", "+0") if "T" in text else text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is not a date-time such as 2026-03-02T09:00:00Z") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is out of the calendar") from None
