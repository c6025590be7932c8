"""Run the service tests that are due: ask the partner, look again, write down what it found (TMF653).

A test is claimed by a lease, so of several workers one asks; one that died is taken up again, and what it may have
started is looked up by our key before anything is asked twice.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from ofx.core.audit.actions import record
from ofx.core.events.actions import publish
from partners.connectors.asking import NotDone, Refused, Unclear
from partners.connectors.tmf653 import client
from partners.conversations.ways import line_tester
from partners.models import Endpoint
from ticketing.tickets.models import ServiceTest
from ticketing.tickets.testing import RUNNING

log = logging.getLogger(__name__)
AT_ONCE = 8
LEASE = timedelta(seconds=45)  # longer than two calls with their time-outs
PAUSES = (1, 1, 2, 3, 5, 10, 20)  # seconds until the next look
# Codes that say that the fibre box is down, whatever the partner says of its port (R20).
ONT_DOWN = ("ONT_NO_LIGHT", "ONT_DYING_GASP", "ONT_OFFLINE", "ONT_RANGING_FAILED", "PON_DOWN", "LOS", "DYING_GASP")
PORT_WORDS = ("uniport", "uni_port", "port", "ethernet", "lan")
OLD = "old: the fibre box is down, so this is from before"
INCIDENT = "KNOWN_INCIDENT"


@dataclass(frozen=True)
class Asked:
    """One claimed test and what asking the partner came to: what it found, or words why not."""

    test: ServiceTest
    found: client.Found | None = None
    refused: str = ""
    later: str = ""


def run_due(clock: Callable[[], datetime], *, limit: int = 400) -> int:
    """Ask for everything that is due, eight at a time. Returns how many were asked."""
    done = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while done < limit and (claimed := _claim(clock())):
            for asked in list(pool.map(_ask, claimed)):
                _write_back(asked, clock())
            done += len(claimed)
    return done


def _claim(at: datetime) -> list[tuple[ServiceTest, Endpoint | None]]:
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    due = ServiceTest.objects.filter(free, ~Exists(_before_it()), state__in=RUNNING, next_look_at__lte=at)
    with transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True, of=("self",)).order_by("next_look_at", "pk")[:AT_ONCE])
        for row in rows:
            row.lease_until, row.attempts = at + LEASE, row.attempts + 1
        ServiceTest.objects.bulk_update(rows, ["lease_until", "attempts"])
    wanted = ServiceTest.objects.select_related("service", "operator", "organisation", "ticket")
    known = wanted.in_bulk([row.pk for row in rows])
    return [(known[row.pk], _endpoint(known[row.pk])) for row in rows]


def _before_it() -> QuerySet[ServiceTest]:
    """Tests of the same kind of the same service that are not through yet: a line takes one at a time."""
    same = ServiceTest.objects.filter(service=OuterRef("service"), kind=OuterRef("kind"), pk__lt=OuterRef("pk"))
    return same.filter(state__in=RUNNING)


def _endpoint(test: ServiceTest) -> Endpoint | None:
    found = line_tester(operator=test.operator, organisation=test.organisation)
    return found if client.serves(found) else None


def _ask(pair: tuple[ServiceTest, Endpoint | None]) -> Asked:
    """One call, or two where an earlier try may have been done. Touches no database."""
    test, endpoint = pair
    if endpoint is None:
        return Asked(test, later=f"the connection to {test.operator} is suspended")
    try:
        return _found(test, endpoint)
    except Refused as error:
        return Asked(test, refused=str(error) or "refused without a reason")
    except (NotDone, Unclear) as error:
        return Asked(test, later=str(error) or "no answer")
    except Exception as error:  # a defect of a connector must end as a try of this one test
        log.exception("test could not be asked", extra={"test_id": test.pk})
        return Asked(test, later=f"our connector failed: {error!r}")


def _found(test: ServiceTest, endpoint: Endpoint) -> Asked:
    if test.partner_ref:
        found = client.look(endpoint, test.partner_ref, test.our_key)
        gone = "" if found else f"{test.operator} knows nothing of this test any more"
        return Asked(test, found, refused=gone)
    known = client.look(endpoint, "", test.our_key) if test.attempts > 1 else None
    wish = client.Wish(key=test.our_key, service_ref=test.service.partner_ref, kind=test.kind, consent=test.consent)
    return Asked(test, known or client.start(endpoint, wish))


def _write_back(asked: Asked, at: datetime) -> bool:
    """Write what asking came to. False, and nothing is changed, where the lease was lost meanwhile."""
    test = asked.test
    with transaction.atomic():
        mine = ServiceTest.objects.select_for_update(of=("self",)).filter(pk=test.pk, state__in=RUNNING)
        row = mine.filter(lease_until=test.lease_until, attempts=test.attempts).first()
        if row is None:
            log.warning("lease lost: the result was not written", extra={"test_id": test.pk})
            return False
        found = asked.found
        if found is not None:
            row.partner_ref = found.ref or row.partner_ref
        if asked.refused:
            _end(row, "failed", at, problem=asked.refused)
        elif found is not None and found.state == "completed":
            _end(row, "completed", at, **_result(found))
        elif found is not None and found.state in ("failed", "cancelled"):
            _end(row, "failed", at, problem=found.text or "The partner could not run it.", code=found.code)
        else:
            _later(row, asked, at)
    return True


def _later(row: ServiceTest, asked: Asked, at: datetime) -> None:
    """Look again after a pause; give up in words when it took too long."""
    if row.give_up_at is not None and at >= row.give_up_at:
        why = asked.later or "the partner has not finished it"
        _end(row, "failed", at, problem=f"Given up: {why}. Try again, or go on without a test.")
        return
    row.lease_until = None
    row.next_look_at = at + timedelta(seconds=PAUSES[min(row.attempts, len(PAUSES)) - 1])
    row.problem = asked.later[:300]
    if asked.found is not None:
        row.state = "in_progress"
    row.save(update_fields=["lease_until", "next_look_at", "problem", "state", "partner_ref"])


def _result(found: client.Found) -> dict[str, Any]:
    down = found.stale or found.code in ONT_DOWN
    unknown = (
        f" (the partner's colour “{found.raw_colour}” is not known)" if not found.colour and found.raw_colour else ""
    )
    return {
        "colour": found.colour,
        "code": found.code[:60],
        "text": f"{found.text}{unknown}"[:500],
        "stale_port": down,
        "measures": [_measure(one, down) for one in found.measures],
        "problem": "",
        "incident": found.problem,
    }


def _measure(one: client.Measure, down: bool) -> dict[str, str]:
    port = any(word in one.name.lower() for word in PORT_WORDS)
    note = f"{one.note}; {OLD}".removeprefix("; ") if down and port else one.note
    return {"name": one.name, "value": one.value, "unit": one.unit, "note": note[:200]}


def _end(row: ServiceTest, state: str, at: datetime, *, incident: str = "", **values: Any) -> None:
    values["problem"] = str(values.get("problem", ""))[:300]
    for name, value in {**values, "state": state, "done_at": at, "lease_until": None, "next_look_at": None}.items():
        setattr(row, name, value)
    row.save()
    subject = f"service_test:{row.pk}"
    said = {"colour": row.colour, "code": row.code, "problem": row.problem}
    record(actor=None, subject=subject, verb=f"test {state}", at=at, organisation_id=row.organisation_id, **said)
    told = _told(row) | {"known_incident": row.code == INCIDENT, "incident": incident}
    publish(f"service_test.{state}", subject, at=at, organisation_id=row.organisation_id, **told)
    if row.code == INCIDENT:
        publish("service_test.hit_incident", subject, at=at, organisation_id=row.organisation_id, **told)


def _told(row: ServiceTest) -> dict[str, Any]:
    return {
        "test_id": row.pk,
        "service_id": row.service_id,
        "ticket_id": row.ticket_id,
        "operator_id": row.operator_id,
        "customer_id": row.service.customer_id,
        "postcode": row.service.postcode,
        "kind": row.kind,
        "colour": row.colour,
        "code": row.code,
        "why": row.why,
        "simulated": row.simulated,
    }
