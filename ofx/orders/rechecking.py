"""Live answers expire: before an order leaves, whoever can be asked is asked again, for a few seconds at most (R26).

An operator that does not answer in time stops no order: it goes by what was published, and somebody is told.
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from ofx.core.models import Organisation
from ofx.orders.models import Order
from ofx.search.live import asking
from ofx.search.live.actions import ask_around
from ofx.search.live.queries import Said, known, peers
from ofx.search.places import Spot, UnknownPlace, spot_of_code
from ofx.search.queries import spot_by_id
from partners.models import Offering

SECONDS = 3.0
STEP = 0.1
LINES = ("broadband", "ethernet")


def recheck(
    *,
    organisation: Organisation,
    country: str,
    code: str,
    address_id: int | None,
    offerings: Iterable[Offering],
    at: datetime,
    seconds: float = SECONDS,
) -> list[str]:
    """Ask the operators of these offerings again where their answers have expired. Returns warnings, in words.

    Call it outside a transaction where you can: it waits for partners, at most `seconds` in all.
    """
    try:
        spot = spot_of_code(country, code)
        spot = spot_by_id(spot.id, address_id) if address_id else spot
    except UnknownPlace:
        return []  # validation says so
    wanted = {one.operator_id for one in offerings if one.kind in LINES}
    asked = {peer.operator_id: peer.name for peer in peers(organisation, country) if peer.operator_id in wanted}
    if not asked:
        return []
    _ask(organisation, spot, list(asked), at, seconds)
    said = known(organisation, spot, at)
    return [_warning(name, said.get(operator)) for operator, name in asked.items() if not _holds(said.get(operator))]


def _ask(organisation: Organisation, spot: Spot, operators: list[int], at: datetime, seconds: float) -> None:
    """Ask what has no answer that holds, and read on what comes by and by, until the time is over."""
    fresh = ask_around(organisation=organisation, spot=spot, at=at, reason="order", operators=operators, ring=False)
    until, clock = time.monotonic() + seconds, _running(at)
    while fresh and (left := until - time.monotonic()) > STEP:
        calls = asking.work_together(fresh, clock, seconds=left)
        if not calls:
            time.sleep(STEP)
        fresh = asking.still_open(fresh)


def _running(at: datetime) -> Callable[[], datetime]:
    """The caller's time, going on."""
    started = time.monotonic()
    return lambda: at + timedelta(seconds=time.monotonic() - started)


def _holds(said: Said | None) -> bool:
    return said is not None and said.holds


def _warning(name: str, said: Said | None) -> str:
    """Not a dead end: what the order goes by instead."""
    answer = said.answer if said else None
    if answer is not None and answer.ended_at is not None:
        older = f"its answer of {answer.ended_at:%-d %b %H:%M} has expired"
        return f"{name} gave no live answer just now and {older}: the order goes by its published coverage."
    return f"{name} gave no live answer just now: the order goes by its published coverage."


def recheck_order(*, order: Order, at: datetime) -> list[str]:
    """The same for an order that is about to be sent."""
    if order.submitted_at or order.closed_at:
        return []
    items = order.items.filter(action="add").select_related("offering")
    return recheck(
        organisation=order.organisation,
        country=order.country,
        code=order.postcode,
        address_id=order.address_id,
        offerings=[item.offering for item in items],
        at=at,
    )
