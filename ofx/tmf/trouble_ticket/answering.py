"""PATCH troubleTicket by the operator that the fault was raised with: the answers that its portal gives, too."""

from datetime import datetime
from typing import Any

from django.db import transaction

from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.tmf.inquiry.reading import unsaid, when
from ofx.tmf.rest.dates import moment
from ofx.tmf.rest.errors import Conflict, invalid
from ofx.tmf.rest.face import Face
from ofx.tmf.rest.resource import refuse_frozen
from ofx.tmf.trouble_ticket.placing import refused
from ofx.tmf.trouble_ticket.wish import Wish, read_part
from ofx.tmf.trouble_ticket.words import OURS, PARTNER_STATUS, STATUS
from partners.conversations.storable import tree
from ticketing.models import PartnerTicket
from ticketing.tickets.actions import operator_answer
from ticketing.tickets.guarding import TicketInvalid

PATCHABLE = {
    "note", "status", "statusChangeReason", "externalId", "externalIdentifier", "expectedResolutionDate",
    "troubleTicketCharacteristic",
}  # fmt: skip
# What an operator may say next.
TAKEN = ("acknowledged", "in_progress", "pending", "held", "resolved", "rejected", "cancelled")
MOVES: dict[str, tuple[str, ...]] = {
    "submitted": TAKEN,
    "failed_to_send": TAKEN,
    **{one: tuple(to for to in TAKEN[1:] if to != one) for one in ("acknowledged", "in_progress", "pending", "held")},
    "resolved": ("closed", "in_progress"),
}
ANSWER = {
    "acknowledged": "acknowledge", "in_progress": "start", "pending": "question", "held": "hold",
    "resolved": "resolve", "rejected": "reject", "closed": "close", "cancelled": "cancel",
}  # fmt: skip
IN_WORDS = ("question", "hold", "resolve", "reject", "cancel")  # answers that must say something
SAID = ("status", "statusChangeReason")
YES = ("yes", "true", "1")
Json = dict[str, Any]


def answer(*, actor: User, row: PartnerTicket, body: Json, current: Json, face: Face, at: datetime) -> None:
    """Carry out an operator's patch. Raises ValidationError (400), Conflict (409) for an illegal move."""
    permit(actor, "ticket.answer")
    body = tree(body)
    said: Json = {name: body[name] for name in SAID if name in body}
    rest = {name: value for name, value in body.items() if name not in said}
    changed = refuse_frozen(rest, PATCHABLE, current, face)
    wish = read_part({**changed, **said})
    kind = _move(row, wish) if "status" in said else ""
    expected = when(changed, "expectedResolutionDate")
    values: Json = {"partner_ref": wish.external_id, "expected_at": moment(expected) if expected else None}
    texts = unsaid(wish.notes, (one["text"] for one in current.get("note", [])))
    try:
        with transaction.atomic():
            for number, one in enumerate(_answers(kind, wish, texts, values)):
                key = f"tmf621:{at.isoformat()}:{number}"
                operator_answer(partner_ticket=row, actor=actor, at=at, key=key, **one)
    except TicketInvalid as error:
        raise refused(error) from error


def _move(row: PartnerTicket, wish: Wish) -> str:
    """The answer behind the state that is asked for; empty where it is in it already. Raises Conflict."""
    to = OURS.get(wish.status)
    if to is None:
        raise invalid("status", f"{wish.status[:40]!r} is none of: {', '.join(STATUS.values())}.")
    if to == row.state:
        return ""
    if to not in MOVES.get(row.state, ()):
        raise Conflict(f"status: a ticket that is {PARTNER_STATUS[row.state]} cannot become {wish.status}.")
    return ANSWER[to]


def _answers(kind: str, wish: Wish, texts: list[str], values: Json) -> list[Json]:
    """The answers of one patch, in order. With a question, a hold or a fix its words belong to it."""
    words = wish.reason or (texts[-1] if texts else "")
    if kind in IN_WORDS and not words:
        raise invalid("note", "Say it in words, in a note or in statusChangeReason.")
    spoken = words if kind in IN_WORDS else ""
    found: list[Json] = [{"kind": "note", "text": text} for text in texts if text != spoken]
    if kind:
        found.append({"kind": kind, "text": words if spoken else wish.reason, **values, **_fix(kind, wish)})
    elif any(values.values()):
        found = found or [{"kind": "note", "text": _in_words(values)}]
        found[-1] |= values
    return found


def _in_words(values: Json) -> str:
    """A note for what was only a date or a reference."""
    expected = values["expected_at"]
    told = f"Expected to work again by {expected:%-d %B %Y, %H:%M} UTC." if expected else ""
    reference = f"Our reference is {values['partner_ref']}." if values["partner_ref"] else ""
    return " ".join(one for one in (reference, told) if one)


def _fix(kind: str, wish: Wish) -> Json:
    """What was done: the clear code, the cause and whether it is charged (A11)."""
    if kind != "resolve":
        return {}
    traits = {name.lower(): value for name, value in wish.traits.items()}
    charged = traits.get("chargeable")
    return {
        "fix": traits.get("fix", ""),
        "cause": traits.get("cause", "")[:300],
        "clear_code": traits.get("clearcode", "")[:40],
        "chargeable": None if charged is None else charged.lower() in YES,
    }
