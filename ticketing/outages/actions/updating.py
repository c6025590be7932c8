"""One update reaches everybody; the end of the cause; the end of the case."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.core.transitions import IllegalTransition, transition
from ticketing.outages.keys import ScopeInvalid
from ticketing.outages.models import Outage, OutageChild, OutageReceipt, OutageUpdate
from ticketing.outages.running import queue

WORDS_CLEARED = "The fault is fixed. We are testing every affected service now."


def update(
    *, outage: Outage, actor: User | None, at: datetime, public_text: str, partner_text: str = "",
    internal_text: str = "", expected_at: datetime | None = None, keep_expected: bool = True,
) -> OutageUpdate:  # fmt: skip
    """Write news once; every child and party is told in its own form. Raises ScopeInvalid, IllegalTransition."""
    permit(actor, "outage.write")
    with transaction.atomic():
        row = _locked(outage, actor)
        if row.state not in ("open", "clearing"):
            raise IllegalTransition(f"{row} is {row.get_state_display().lower()}: only an open outage has news.")
        if expected_at is not None and expected_at <= at:
            raise ScopeInvalid({"expected_at": "This time is over; give one that is to come."})
        expected = expected_at or (row.expected_at if keep_expected else None)
        return _write(row, "update", actor, at, public_text, partner_text, internal_text, expected)


def _write(
    row: Outage, kind: str, actor: User | None, at: datetime, public: str, partner: str, internal: str,
    expected: datetime | None,
) -> OutageUpdate:  # fmt: skip
    if not public.strip():
        raise ScopeInvalid({"public_text": "Write what customers shall read; plain words, no names of partners."})
    last = row.updates.first()
    news = OutageUpdate.objects.create(
        outage=row, number=(last.number if last else 0) + 1, kind=kind, public_text=public.strip()[:2000],
        partner_text=partner.strip()[:2000], internal_text=internal.strip()[:4000], expected_at=expected, author=actor,
        at=at,
    )  # fmt: skip
    Outage.objects.filter(pk=row.pk).update(expected_at=expected, public_text=news.public_text)
    queue(outage=row, kind="clear" if kind == "cleared" else "update", update=news, at=at)
    if kind == "cleared":
        queue(outage=row, kind="update", update=news, at=at)
    _log(row, actor, f"wrote update {news.number}", at)
    payload = {"outage_id": row.pk, "reference": row.reference, "update_id": news.pk, "number": news.number}
    publish("outage.updated", f"outage:{row.pk}", at=at, organisation_id=row.organisation_id, **payload)
    return news


def clear(
    *, outage: Outage, actor: User | None, at: datetime, public_text: str = "", cause: str = "",
    cleared_at: datetime | None = None, partner_text: str = "",
) -> None:  # fmt: skip
    """The cause is gone: everybody is told, every child is tested again. Clearing twice is once."""
    permit(actor, "outage.write")
    with transaction.atomic():
        row = _locked(outage, actor)
        if row.state == "clearing":
            return
        when = min(cleared_at or at, at)
        if cleared_at is not None and when < row.started_at:
            raise ScopeInvalid({"cleared_at": "It cannot end before it began."})
        changes: dict[str, Any] = {"cleared_at": when, "cause": (cause.strip() or row.cause)[:300]}
        transition(row, "clearing", at=at, actor=actor, **changes)
        _write(row, "cleared", actor, at, public_text or WORDS_CLEARED, partner_text, "", None)


def reopen(*, outage: Outage, actor: User | None, at: datetime, why: str) -> None:
    """It is back: the outage is open again, and those who were told that it is over hear of it."""
    permit(actor, "outage.write")
    if not why.strip():
        raise ScopeInvalid({"why": "Say what was seen."})
    with transaction.atomic():
        row = _locked(outage, actor)
        transition(
            row,
            "open",
            at=at,
            actor=actor,
            why=why[:300],
            reason=why.strip()[:300],
            cleared_at=None,
            partner_cleared_at=None,
        )
        row.parties.update(cleared_at=None)  # what a party said of the end before is over with it
        queue(outage=row, kind="reopen", at=at)
        _write(row, "update", actor, at, "The fault is back. We are working on it again.", "", why, None)


def close(*, outage: Outage, actor: User | None, at: datetime) -> None:
    """End the case. Refused while children wait for a decision (DOMAIN 9.3). Closing twice is once."""
    permit(actor, "outage.write")
    with transaction.atomic():
        row = _locked(outage, actor)
        if row.state == "closed":
            return
        left = OutageChild.objects.filter(outage=row, state__in=["attached", "informed", "retesting", "still_down"])
        waiting = left.count() if row.state == "cleared" else 0
        if waiting:
            text = f"{waiting} of its children {'is' if waiting == 1 else 'are'} still down: decide on each first."
            raise IllegalTransition(text)
        transition(row, "closed", at=at, actor=actor, closed_at=at)


SEEN = """
UPDATE ticketing_outagereceipt r SET state = 'seen', seen_at = %(at)s
FROM ticketing_outageupdate u
WHERE u.id = r.update_id AND u.outage_id = %(outage)s AND r.channel = 'portal' AND r.state = 'sent'
  AND r.customer_id = %(customer)s
"""


def see(*, outage: Outage, actor: User, at: datetime) -> int:
    """A customer read it in the portal: its receipts say so. Returns how many changed."""
    acting = actor.acting
    if acting is None or acting.organisation.kind != "customer":
        return 0
    unseen = OutageReceipt.objects.filter(update__outage=outage, channel="portal", customer=acting.organisation_id)
    if not unseen.filter(state="sent").exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(SEEN, {"at": at, "outage": outage.pk, "customer": acting.organisation_id})
        return cursor.rowcount


def _locked(outage: Outage, actor: User | None) -> Outage:
    rows = Outage.objects if actor is None else Outage.objects.visible_to(actor)
    locked = rows.select_for_update(of=("self",)).select_related("organisation", "operator")
    found = locked.filter(pk=outage.pk).first()
    if found is None:
        raise PermissionDenied("This outage belongs to another service provider.")
    return found


def _log(row: Outage, actor: User | None, verb: str, at: datetime) -> None:
    record(actor=actor, subject=f"outage:{row.pk}", verb=verb, at=at, organisation_id=row.organisation_id)
