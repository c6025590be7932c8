"""From a serviceProblem to an outage: declared by the desk's tools, reported by a customer's; and its moves."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework.exceptions import ValidationError

from ofx.core.models import User
from ofx.core.scoping import permit
from ofx.tmf.inquiry.reading import unsaid
from ofx.tmf.rest.errors import Conflict, invalid
from ofx.tmf.rest.face import Face
from ofx.tmf.rest.resource import refuse_frozen
from ofx.tmf.sent import once_key, same
from ofx.tmf.service_problem.models import BuyerProblem
from ofx.tmf.service_problem.wish import TIMES, Wish, operator_of, read_part
from ofx.tmf.service_problem.words import API, STATUS, WORDS
from partners.conversations.storable import tree
from ticketing.models import Outage
from ticketing.outages import actions
from ticketing.outages.keys import ScopeInvalid

OWN_KEYS = ("service", "postcode", "sector")  # a customer knows no equipment of operators
ATTRIBUTE = {
    "keys": "affectedService", "operator": "responsibleParty", "title": "name", "public_text": "note", "why":
    "statusChangeReason", "window_start": "characteristic", "window_end": "characteristic", "expected_at":
    "characteristic", "cleared_at": "resolutionDate",
}  # fmt: skip
SAID = ("reason", "originatingSystem", "problemEscalation")
PATCHABLE = {"status", "statusChangeReason", "note", "characteristic", *SAID}
Json = dict[str, Any]


def refused(error: ScopeInvalid) -> ValidationError:
    """A refusal of ours in the standard's names."""
    return ValidationError({ATTRIBUTE.get(name, name): [words] for name, words in error.problems.items()})


def raise_problem(*, actor: User, wish: Wish, at: datetime) -> Outage:
    """The outage of a wish; the same under the same externalIdentifier is the same one.

    Raises ValidationError, Conflict for another content under the same id.
    """
    permit(actor, "outage.report")
    caller = actor.acting.organisation  # type: ignore[union-attr]
    known = BuyerProblem.objects.select_related("outage").of(caller, wish.external_id).first()
    if known:
        return same(known, wish.digest).outage
    try:
        with transaction.atomic():
            outage = (_reported if caller.kind == "customer" else _declared)(actor, wish, at)
            defaults = {"organisation": caller, "external_id": wish.external_id, "digest": wish.digest}
            defaults |= {"given": wish.given, "created_at": at}
            row, fresh = BuyerProblem.objects.get_or_create(outage=outage, defaults=defaults)
            return outage if fresh else same(row, wish.digest).outage
    except ScopeInvalid as error:
        raise refused(error) from error


def _common(actor: User, wish: Wish) -> Json:
    caller = actor.acting.organisation  # type: ignore[union-attr]
    key = once_key(API, caller, wish.external_id)
    return {"actor": actor, "title": wish.title, "keys": wish.keys, "idempotency_key": key}


def _declared(actor: User, wish: Wish, at: datetime) -> Outage:
    """Open at once."""
    caller = actor.acting.organisation  # type: ignore[union-attr]
    outage = actions.declare(
        at=at, organisation=caller, operator=operator_of(wish, actor), internal_text=wish.description,
        **_common(actor, wish), **wish.values,
    )  # fmt: skip
    Outage.objects.filter(pk=outage.pk).update(external_id=wish.external_id)
    return outage


def _reported(actor: User, wish: Wish, at: datetime) -> Outage:
    """A candidate for the provider's desk."""
    wish.keys = [one for one in wish.keys if one[0] in OWN_KEYS]
    customer = actor.acting.organisation  # type: ignore[union-attr]
    assert customer.provider is not None
    values = {name: wish.values[name] for name in ("severity", "impact")}
    return actions.report(
        at=at, organisation=customer.provider, customer=customer, operator=operator_of(wish, actor),
        text=wish.description, external_id=wish.external_id, **_common(actor, wish), **values,
    )  # fmt: skip


def change(*, actor: User, outage: Outage, body: Json, current: Json, face: Face, at: datetime) -> None:
    """Carry out a patch, all of it or nothing. Raises ValidationError (400), Conflict, IllegalTransition (409)."""
    permit(actor, "outage.write")
    body = tree(body)
    reason = {"statusChangeReason": body.pop("statusChangeReason")} if "statusChangeReason" in body else {}
    changed = refuse_frozen(body, PATCHABLE, current, face)
    wish = read_part({**changed, **reason})
    texts = unsaid(wish.notes, (one["text"] for one in current.get("note", [])))
    try:
        with transaction.atomic():
            _keep(actor, outage, wish, at)
            moved = _move(actor, outage, wish, texts, at) if "status" in changed else False
            expected = wish.values.get(TIMES["expectedResolutionDate"])
            if not moved and (texts or expected):
                words = "\n".join(texts) or outage.public_text
                actions.update(outage=outage, actor=actor, at=at, public_text=words, expected_at=expected)
    except ScopeInvalid as error:
        raise refused(error) from error


def _keep(actor: User, outage: Outage, wish: Wish, at: datetime) -> None:
    """The caller's own words, given back from now on."""
    values = {name: wish.given[name] for name in SAID if name in wish.given}
    if values:
        caller = actor.acting.organisation  # type: ignore[union-attr]
        row, _ = BuyerProblem.objects.get_or_create(outage=outage, defaults={"organisation": caller, "created_at": at})
        BuyerProblem.objects.filter(pk=row.pk).update(given={**row.given, **values})


def _move(actor: User, outage: Outage, wish: Wish, texts: list[str], at: datetime) -> bool:
    """The action behind a change of state; whether its words were told with it. Raises Conflict."""
    to, was = wish.status, STATUS[outage.state]
    if to not in WORDS:
        raise invalid("status", f"{to[:40]!r} is none of: {', '.join(WORDS)}.")
    move = MOVES.get((was, to))
    if move is None:
        raise Conflict(f"status: a problem that is {was} cannot become {to}.")
    return move({"outage": outage, "actor": actor, "at": at}, wish, "\n".join(texts))


def _approve(common: Json, wish: Wish, text: str) -> bool:
    actions.approve(**common, public_text=text)
    return bool(text)


def _reject(common: Json, wish: Wish, text: str) -> bool:
    if not (wish.reason or text):
        raise invalid("statusChangeReason", "Say why this is no outage.")
    actions.reject(**common, why=(wish.reason or text)[:300])
    return True


def _clear(common: Json, wish: Wish, text: str) -> bool:
    actions.clear(**common, public_text=text, cause=wish.given.get("reason") or wish.reason)
    return True


def _reopen(common: Json, wish: Wish, text: str) -> bool:
    if not (wish.reason or text):
        raise invalid("statusChangeReason", "Say what was seen.")
    actions.reopen(**common, why=(wish.reason or text)[:300])
    return True


def _close(common: Json, wish: Wish, text: str) -> bool:
    actions.close(**common)
    return True


MOVES: dict[tuple[str, str], Callable[[Json, Wish, str], bool]] = {
    ("acknowledged", "inProgress"): _approve,
    ("acknowledged", "rejected"): _reject,
    ("acknowledged", "cancelled"): _reject,
    ("inProgress", "resolved"): _clear,
    ("resolved", "inProgress"): _reopen,
    ("resolved", "closed"): _close,
}
