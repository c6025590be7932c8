"""What notices hold on a person: what they chose, and what they were sent."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from ofx.core.notices.models import NoticeChoice, NoticeSent
from ofx.core.personal.registry import Person, erases, exports


def _choices(person: Person) -> QuerySet[NoticeChoice]:
    rows = NoticeChoice.objects.filter(Q(email=person.email.lower()) | Q(user__email__iexact=person.email))
    return rows.filter(organisation_id=person.organisation_id) if person.organisation_id else rows


def _sent(person: Person) -> QuerySet[NoticeSent]:
    rows = NoticeSent.objects.filter(recipient=person.email.lower())
    return rows.filter(organisation_id=person.organisation_id) if person.organisation_id else rows


@exports("notices")
def chosen_and_sent(person: Person) -> Iterator[dict[str, Any]]:
    """Which news they want, and which were mailed to them."""
    for row in _choices(person).select_related("organisation"):
        yield {"from": row.organisation.name, "kind": row.kind, "channel": row.channel, "wanted": row.wanted}
    for one in _sent(person).order_by("pk").iterator(chunk_size=500):
        yield {"kind": one.kind, "about": one.subject, "news": one.key, "sent": one.at}


@erases("notices", position=30)
def forget_notices(person: Person, at: datetime) -> list[str]:
    """Their choices go; that somebody was told stays, under the alias."""
    _choices(person).delete()
    count = 0
    for row in _sent(person):
        count += NoticeSent.objects.filter(pk=row.pk).update(recipient=f"{row.pk}.{person.alias}"[:254])
    return [f"{count} notices that were mailed to them were made anonymous."] if count else []
