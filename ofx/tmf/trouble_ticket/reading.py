"""Tickets with what their attributes need, in a constant number of queries."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, OuterRef, Prefetch, QuerySet, Value
from django.db.models.functions import Cast, Concat, Greatest, JSONObject

from ofx.core.events.models import Event
from ticketing.models import Attachment, OutageChild, PartnerTicket, Ticket, TicketLink, TicketNote
from ticketing.tickets.vocabulary import State

HISTORY = {"statusChange", "statusChangeHistory", "statusChangeDate"}
MOVED = [f"ticket.{state}" for state in State.values]
Names = set[str] | None


def dated(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """With `last_update`: the newest of a ticket's moments."""
    return rows.annotate(last_update=Greatest("created_at", "resolved_at", "closed_at", "last_news_at", "holder_since"))


def _history() -> ArraySubquery:
    """The moves of a ticket, as its events tell them."""
    subject = Concat(Value("ticket:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    moves = Event.objects.filter(subject=subject, name__in=MOVED).order_by("pk")
    return ArraySubquery(moves.values(told=JSONObject(at="at", to="payload__to", why="payload__why")))


def wants(names: Names, *some: str) -> bool:
    """Whether any of these attributes is asked for."""
    return names is None or bool(names & set(some))


def prepared(rows: QuerySet[Ticket], names: Names, *, whole: bool = False) -> QuerySet[Ticket]:
    """Tickets of the provider or the customer; `whole`: the files with their content."""
    rows = dated(rows).select_related(
        "organisation", "customer", "operator", "service", "order", "merged_into", "buyer_ticket"
    )
    if wants(names, *HISTORY):
        rows = rows.annotate(told=_history())
    if wants(names, "note"):
        rows = rows.prefetch_related(Prefetch("notes", TicketNote.objects.select_related("user")))
    if wants(names, "attachment"):
        files = Attachment.objects.order_by("pk")
        rows = rows.prefetch_related(Prefetch("attachments", files if whole else files.defer("content")))
    if wants(names, "troubleTicketRelationship"):
        here, there = TicketLink.objects.select_related("other"), TicketLink.objects.select_related("ticket")
        mothers = OutageChild.objects.select_related("outage")
        rows = rows.prefetch_related(
            Prefetch("links", here), Prefetch("linked_from", there), Prefetch("outage_children", mothers)
        )
    return rows


def raised(rows: QuerySet[PartnerTicket], names: Names, *, whole: bool = False) -> QuerySet[PartnerTicket]:
    """Tickets at an operator."""
    rows = rows.select_related("ticket", "operator", "organisation").prefetch_related("facts")
    if wants(names, "note", "lastUpdate"):
        rows = rows.prefetch_related("ticket__notes")
    if wants(names, "attachment"):
        files = Attachment.objects.order_by("pk")
        rows = rows.prefetch_related(Prefetch("ticket__attachments", files if whole else files.defer("content")))
    return rows


def in_order(rows: QuerySet[Any], moment: str) -> QuerySet[Any]:
    """Newest first."""
    return rows.order_by(f"-{moment}", "-pk")
