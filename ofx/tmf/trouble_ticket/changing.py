"""PATCH troubleTicket by those who own it: what may be changed, and which action each move of the state is."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from ofx.tmf.rest.errors import Conflict, invalid
from ofx.tmf.rest.face import Face
from ofx.tmf.rest.resource import refuse_frozen
from ofx.tmf.trouble_ticket.models import BuyerTicket
from ofx.tmf.trouble_ticket.placing import add_files, add_notes, refused
from ofx.tmf.trouble_ticket.wish import Wish, read_part
from ofx.tmf.trouble_ticket.words import OURS, STATUS, fault_class_of, impact_of, severity_of, squeezed
from partners.conversations.storable import tree
from ticketing.models import Ticket
from ticketing.tickets import actions
from ticketing.tickets.guarding import TicketInvalid
from ticketing.tickets.vocabulary import TRANSITIONS

SORTED = {"name", "description", "severity", "ticketType", "externalId", "externalIdentifier"}
SORTED |= {"troubleTicketCharacteristic"}
KEPT = {"requestedResolutionDate", "channel"}
ADDED = {"note", "attachment", "relatedEntity", "relatedParty", "troubleTicketRelationship"}
PATCHABLE = {*SORTED, *KEPT, *ADDED, "status", "statusChangeReason"}
Json = dict[str, Any]
Move = Callable[..., object]


def change(*, actor: User, ticket: Ticket, body: Json, current: Json, face: Face, at: datetime) -> None:
    """Carry out a patch, all of it or nothing.

    Raises ValidationError (400) for an attribute or a value that cannot be, Conflict or IllegalTransition (409) for
    what the ticket's state does not allow.
    """
    body = tree(body)
    status = body.get("status")
    reason = {"statusChangeReason": body["statusChangeReason"]} if "statusChangeReason" in body else {}
    changed = refuse_frozen({name: body[name] for name in body if name not in reason}, PATCHABLE, current, face)
    wish = read_part({**changed, **reason})
    try:
        with transaction.atomic():
            _sort(actor, ticket, wish, changed, at)
            _keep(actor, ticket, wish, changed, face, at)
            add_files(actor, ticket, wish.files, at)
            moves = status is not None and "status" in changed
            if wish.notes and not (moves and wish.status in ("resolved", "closed")):
                add_notes(actor, ticket, wish.notes, at)
            if moves:
                _move(actor, ticket, wish, at)
    except TicketInvalid as error:
        raise refused(error) from error


def _sort(actor: User, ticket: Ticket, wish: Wish, changed: Json, at: datetime) -> None:
    """What the ticket is called and how it is sorted."""
    wanted: Json = {}
    if "name" in changed:
        wanted["title"] = wish.title
    if "description" in changed:
        wanted["description"] = wish.description
    if "severity" in changed:
        wanted["severity"] = severity_of(wish.severity)
    if "ticketType" in changed:
        wanted["fault_class"] = fault_class_of(wish.ticket_type)
    if changed.keys() & {"externalId", "externalIdentifier"}:
        wanted["external_id"] = wish.external_id
    said = next((value for name, value in wish.traits.items() if squeezed(name) == "impact"), "")
    if impact_of(said):
        wanted["impact"] = impact_of(said)
    if wanted:
        actions.change(ticket=ticket, actor=actor, at=at, **wanted)


def _keep(actor: User, ticket: Ticket, wish: Wish, changed: Json, face: Face, at: datetime) -> None:
    """The caller's own words, given back from now on."""
    names = {"requestedResolutionDate", "channel", "ticketType"} & changed.keys()
    values = {name: wish.kept[name] for name in names}
    if "troubleTicketRelationship" in changed:
        values["relations"] = [one for one in wish.relations if not _known(ticket, one["id"])]
    if wish.kept["attachment"]:
        values["attachment"] = wish.kept["attachment"]
    if not values:
        return
    caller = actor.acting.organisation  # type: ignore[union-attr]
    defaults = {"organisation": caller, "version": face.version, "created_at": at}
    row, _ = BuyerTicket.objects.select_for_update(of=("self",)).get_or_create(ticket=ticket, defaults=defaults)
    row.given = {**row.given, **values}
    row.save(update_fields=["given"])


def _known(ticket: Ticket, identifier: str) -> bool:
    """Whether that other ticket is shown as related already."""
    links = [*ticket.links.values_list("other__reference", flat=True)]
    links += ticket.linked_from.values_list("ticket__reference", flat=True)
    return identifier in links


def _move(actor: User, ticket: Ticket, wish: Wish, at: datetime) -> None:
    """The action behind a change of state. Raises ValidationError, IllegalTransition, PermissionDenied."""
    to = OURS.get(wish.status)
    if to is None:
        raise invalid("status", f"{wish.status[:40]!r} is none of: {', '.join(STATUS.values())}.")
    ticket.refresh_from_db()
    if to == ticket.state:
        return
    if to not in TRANSITIONS[ticket.state]:
        raise Conflict(f"status: a ticket that is {STATUS[ticket.state]} cannot become {wish.status}.")
    customer = actor.acting.organisation.kind == "customer"  # type: ignore[union-attr]
    (_as_customer if customer else _as_desk)(actor, ticket, to, wish, at)


def _as_customer(actor: User, ticket: Ticket, to: str, wish: Wish, at: datetime) -> None:
    """A customer confirms a fix, refuses it, or takes the fault back."""
    words = _words(wish)
    common: Json = {"ticket": ticket, "actor": actor, "at": at}
    if to == "closed":
        actions.confirm(**common)
    elif to == "in_progress" and ticket.state == "resolved":
        actions.reopen(**common, why=words or "The fault is still there.")
    elif to == "cancelled":
        actions.cancel(**common, why=words or "No longer needed.")
    else:
        raise Conflict(f"status: {wish.status} is set by the service provider. A note answers what was asked.")


def _as_desk(actor: User, ticket: Ticket, to: str, wish: Wish, at: datetime) -> None:
    """Every move of the table by its action."""
    words = _words(wish)
    common: Json = {"ticket": ticket, "actor": actor, "at": at}
    if to == "resolved":
        if not words:
            raise invalid("statusChangeReason", "Say what solved it, here or in a note.")
        actions.resolve(**common, fix=words)
    elif to in ("pending", "held"):
        actions.stop_waiting(**common)
        owner = "end_customer" if to == "pending" else "third_party"
        actions.wait(**common, owner=owner, reason="INFORMATION" if to == "pending" else "OTHER", text=words)
    elif to == "in_progress":
        _resume(ticket, words, common)
    elif to == "closed":
        actions.close(**common)
    else:
        {"cancelled": actions.cancel, "rejected": actions.reject}[to](**common, why=words or "By the ticket's API.")
    ticket.refresh_from_db()
    if ticket.state != to:
        raise IllegalTransition(
            f"status: the ticket stays {STATUS[ticket.state]}, because it waits for somebody: {ticket.next_action}"
        )


def _resume(ticket: Ticket, words: str, common: Json) -> None:
    """Taken up, taken up again, or opened again."""
    if ticket.state == "resolved":
        actions.reopen(**common, why=words or "The fault is still there.")
    elif ticket.state == "acknowledged":
        actions.take(**common)
    else:
        actions.stop_waiting(**common, text=words)


def _words(wish: Wish) -> str:
    """Why: the reason, else the newest note."""
    return wish.reason or (wish.notes[-1]["text"] if wish.notes else "")
