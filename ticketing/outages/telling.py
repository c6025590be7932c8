"""Tell a chunk of children of one update: portal, mail, note on the ticket. A second time tells nobody again."""

from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy

from ofx.core.mail.actions import post_many
from ofx.core.notices.links import stop
from ofx.core.notices.registry import Kind, register
from ticketing.outages.models import OutageUpdate
from ticketing.outages.statements import EXPECTED, INFORM, MAILED, NOTES, SENT

ZONE = ZoneInfo("Europe/London")
TEMPLATE = "outage"
ALWAYS = {"portal": gettext_lazy("The page of your connection always shows it.")}
OUTAGES = register(
    Kind(
        "outages",
        gettext_lazy("Outages"),
        gettext_lazy("When your connection is disturbed, and when it is over."),
        60,
        fixed=ALWAYS,
    )
)
WORKS = register(
    Kind(
        "planned_works",
        gettext_lazy("Planned works"),
        gettext_lazy("Work that will interrupt your connection."),
        70,
        fixed=ALWAYS,
    )
)


def inform(*, update: OutageUpdate, ids: list[int], at: datetime) -> int:
    """Tell these children. Returns how many mails were posted. Call it inside a transaction."""
    if not ids:
        return 0
    outage = update.outage
    tenant, kind = outage.organisation_id, (WORKS if outage.planned else OUTAGES).code
    values: dict[str, Any] = {"ids": ids, "update": update.pk, "at": at, "tenant": tenant, "kind": kind}
    with connection.cursor() as cursor:
        cursor.execute(INFORM, values)
        fresh: list[tuple[int, str]] = cursor.fetchall()
        cursor.execute(NOTES, {**values, "text": update.public_text, "key": f"outage-update:{update.pk}"})
        cursor.execute(EXPECTED, {**values, "expected": update.expected_at})
        if fresh:
            to = [email for _, email in fresh]
            ending = partial(stop, tenant, kind)
            mails = post_many(to=to, template=TEMPLATE, context=letter(update), at=at, stops=ending)
            cursor.execute(MAILED, [[pk for pk, _ in fresh], [mail.pk for mail in mails]])
    return len(fresh)


def letter(update: OutageUpdate) -> dict[str, Any]:
    """What the mail of an update says; the same for everybody."""
    outage = update.outage
    base = f"{settings.OFX_BASE_URL}/status/{outage.organisation.slug}/"
    return {
        "subject": heading(update),
        "text": update.public_text,
        "expected": words(update.expected_at) if update.expected_at and update.kind != "cleared" else "",
        "cleared": update.kind == "cleared",
        "url": base,
        "provider": outage.organisation.name,
        "reference": outage.reference,
    }


def heading(update: OutageUpdate) -> str:
    """The line that everybody reads first."""
    title = update.outage.title
    if update.kind == "cleared":
        return f"Fixed: {title}"
    if update.kind == "opened":
        return f"Planned work: {title}" if update.outage.planned else f"Outage: {title}"
    return f"Update: {title}"


def words(moment: datetime) -> str:
    """A time as people in the provider's country say it."""
    local = moment.astimezone(ZONE)
    return f"{local:%A %-d %B, %H:%M}" + ("" if local.utcoffset() == UTC.utcoffset(None) else f" {local.tzname()}")


def note_what_was_sent() -> int:
    """Bring what the mail queue did back onto the receipts. Returns how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(SENT)
        return cursor.rowcount
