"""Who pays for a visit: the partner's word is kept, and what speaks against it beside it (DOMAIN A13, R21)."""

from datetime import datetime

from ticketing.tickets.models import PartnerTicket, ServiceTest, Ticket, TicketNote
from ticketing.tickets.settle import log


def keep_charge(ticket: Ticket, row: PartnerTicket, at: datetime) -> None:
    """Keep whether the partner charges; where our tests speak against it, keep the reason to dispute, once."""
    if row.chargeable is None:
        return
    dispute = against(ticket, row) if row.chargeable else ""
    if ticket.chargeable == row.chargeable and ticket.charge_dispute == dispute:
        return
    ticket.chargeable, ticket.charge_dispute = row.chargeable, dispute
    Ticket.objects.filter(pk=ticket.pk).update(chargeable=row.chargeable, charge_dispute=dispute)
    log(ticket, "charged by the partner" if row.chargeable else "not charged by the partner", None, at, why=dispute)
    if dispute:
        text = f"{row.operator} charges for this. {dispute}"
        given = {"audience": "internal", "author": "system", "text": text, "at": at}
        TicketNote.objects.get_or_create(ticket=ticket, dedupe_key=f"charge:{row.pk}", defaults=given)


def against(ticket: Ticket, row: PartnerTicket) -> str:
    """Why a charge is not due by our tests; empty where they do not speak against it."""
    before = row.test
    if before is None or ticket.service_id is None:
        return ""
    rows = ServiceTest.objects.filter(service=ticket.service_id, state="completed", done_at__gt=row.raised_at)
    after = rows.order_by("-done_at").first()
    if before.colour == "green":
        text = (
            f"Dispute it: the line tested good before ({before.code or 'green'}) and the reason to raise it was told."
        )
        return f"{text} {row.override_reason}".strip()[:300]
    if before.colour == "red" and (after is None or after.colour == "green"):
        then = f", and good after their work ({after.code or 'green'})" if after else ""
        return f"Dispute it: the partner's own test was red before ({before.code or 'no code'}){then}."[:300]
    return ""
