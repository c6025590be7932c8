"""Service tests at partners (TMF653): ask for one, the newest result, and the gate before a fault is raised."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q

from ofx.core.audit.actions import record
from ofx.core.celery_wake import wake
from ofx.core.events.actions import publish
from ofx.core.models import Organisation, User
from ofx.core.scoping import permit
from ofx.orders.models import ServiceRecord
from partners.conversations.ways import line_tester
from partners.models import Endpoint, Operator
from ticketing.tickets.models import FaultRules, ServiceTest, Ticket

RUN = "ticketing.tickets.tasks.run_tests"
# Kind → what it is called, and whether it interrupts the service (R19).
KINDS: dict[str, tuple[str, bool]] = {
    "line": ("Line test", False),
    "ont": ("Fibre box (ONT) test", False),
    "uniport": ("Customer port test", False),
    "cfm": ("Ethernet continuity check", False),
    "loopback": ("Loopback test, cuts the line for a minute", True),
    "ont_reset": ("Restart of the fibre box", True),
}
RUNNING = ("acknowledged", "in_progress")
GIVE_UP = timedelta(minutes=10)  # planning default: nobody waits longer for a test
RESTARTS = ("ont_reset",)


class NotTestable(ValueError):
    """No test can be run; `args[0]` says why and what to do instead."""


class ConsentNeeded(ValueError):
    """The test interrupts the service: somebody there must agree first; `args[0]` is what they are told (R19)."""


@dataclass(frozen=True)
class Gate:
    """Whether a fault may be raised as far as tests go. `reason`: why not, in words with the fix."""

    ok: bool
    reason: str
    test: ServiceTest | None
    overridable: bool = False


def testable(*, operator: Operator, organisation: Organisation) -> bool:
    """Whether the operator's system runs tests for us."""
    return line_tester(operator=operator, organisation=organisation) is not None


def is_disruptive(kind: str) -> bool:
    """Whether a kind of test interrupts the service. Raises NotTestable for an unknown kind."""
    if kind not in KINDS:
        raise NotTestable(f"“{kind}” is no test that is known. Known: {', '.join(KINDS)}.")
    return KINDS[kind][1]


def start_test(
    *,
    service: ServiceRecord,
    actor: User | None,
    at: datetime,
    kind: str = "line",
    ticket: Ticket | None = None,
    consent: str = "",
    why: str = "desk",
    after: datetime | None = None,
) -> ServiceTest:
    """Ask for a remote test; the worker runs it and `service_test.completed` or `.failed` tells how it went.

    One that is running already is returned as it is, unless it was asked for before `after`, the end of the fault: it
    says nothing about the fix, so a new one waits until it is through. `consent`: who agreed to the interruption, for
    kinds that need it. Raises ConsentNeeded or NotTestable with words for people, PermissionDenied for somebody
    else's service.
    """
    permit(actor, "test.run")
    if actor is not None and not ServiceRecord.objects.visible_to(actor).filter(pk=service.pk).exists():
        raise PermissionDenied("This service belongs to somebody else.")
    disruptive = is_disruptive(kind)
    if kind in RESTARTS and ticket is not None and ticket.digital_voice:
        raise NotTestable("Their phone runs over this service: no restart while they may need it. Run a line test.")
    endpoint = _endpoint(service)
    if disruptive and not consent.strip():
        raise ConsentNeeded(consent_words(ticket))
    with transaction.atomic():
        ServiceRecord.objects.select_for_update(no_key=True).get(pk=service.pk)
        running = ServiceTest.objects.filter(service=service, kind=kind, state__in=RUNNING).order_by("-pk").first()
        if running is not None and (after is None or running.requested_at >= after):
            if ticket is not None and running.ticket_id is None:
                running.ticket = ticket
                running.save(update_fields=["ticket"])
            return running
        test = ServiceTest.objects.create(
            organisation_id=service.organisation_id,
            service=service,
            operator_id=service.operator_id,
            ticket=ticket,
            kind=kind,
            our_key=f"ST-{service.pk}-{secrets.token_hex(6)}",
            disruptive=disruptive,
            consent=consent.strip()[:200],
            why=why[:20],
            requested_by=actor,
            requested_at=at,
            next_look_at=at,
            give_up_at=max(at, (running and running.give_up_at) or at) + GIVE_UP,
            simulated=service.simulated or endpoint.simulated,
        )
        _record(test, actor, at)
        told = {"test_id": test.pk, "service_id": service.pk}
        publish("service_test.asked", f"service_test:{test.pk}", at=at, organisation_id=test.organisation_id, **told)
        transaction.on_commit(lambda: wake(RUN), robust=True)
        return test


def _endpoint(service: ServiceRecord) -> Endpoint:
    endpoint = line_tester(operator=service.operator, organisation=service.organisation)
    if endpoint is None:
        raise NotTestable(f"{service.operator} offers no remote test. Go on with questions and a look at the lights.")
    if service.state != "active":
        raise NotTestable(f"{service.reference} is ceased: there is nothing to test.")
    if not service.partner_ref:
        raise NotTestable(f"{service.operator} has not told us its number of {service.reference} yet.")
    return endpoint


def consent_words(ticket: Ticket | None) -> str:
    """What the person at the service is told before an interruption (R19)."""
    said = "This test interrupts the service for some minutes. Ask the person there, and write down who agreed."
    if ticket is not None and ticket.digital_voice:
        said += " Their phone runs over this service: no call, not even an emergency call, works meanwhile."
    return said


def _record(test: ServiceTest, actor: User | None, at: datetime) -> None:
    data: dict[str, Any] = {"test_id": test.pk, "kind": test.kind}
    if test.consent:
        data["consent"] = test.consent
    subject = f"ticket:{test.ticket_id}" if test.ticket_id else f"service:{test.service_id}"
    record(actor=actor, subject=subject, verb="asked for a test", at=at, organisation_id=test.organisation_id, **data)


def latest_test(service: ServiceRecord, at: datetime) -> ServiceTest | None:
    """The newest finished test of a service that began no later than `at`; None without one."""
    rows = ServiceTest.objects.filter(service=service, state="completed", requested_at__lte=at)
    return rows.order_by("-done_at", "-pk").first()


def gate(
    *,
    service: ServiceRecord,
    operator: Operator,
    organisation: Organisation,
    at: datetime,
    rules: FaultRules | None = None,
) -> Gate:
    """Whether tests allow raising: recent enough, not green, no barring code (R18, R21; DOMAIN A08)."""
    rules = rules or _rules(operator, organisation)
    test = latest_test(service, at)
    if test is not None and _bars(test, rules, at):
        return Gate(False, _barred(test), test)
    if not rules.test_required:
        return Gate(True, "", test)
    can = testable(operator=operator, organisation=organisation)
    if test is None or test.done_at is None:
        return Gate(False, _run(operator, can, "has not been tested yet"), None, overridable=not can)
    oldest = at - timedelta(minutes=rules.test_max_age_minutes)
    if test.done_at < oldest:
        old = f"was last tested at {test.done_at:%H:%M on %-d %b}; {operator} wants a test of the last {_age(rules)}"
        return Gate(False, _run(operator, can, old), test, overridable=not can)
    if rules.green_blocks and test.colour == "green":
        text = "The test is green: the fault is likely on the customer's side, and raising it may be charged. "
        return Gate(
            False, f"{text}Check power and router first, or give the reason to raise it all the same.", test, True
        )
    return Gate(True, "", test)


def _rules(operator: Operator, organisation: Organisation) -> FaultRules:
    rows = FaultRules.objects.filter(Q(organisation=None) | Q(organisation=organisation), operator=operator)
    found = rows.order_by(F("organisation").asc(nulls_last=True)).first()
    tested = found is None and testable(operator=operator, organisation=organisation)
    return found or FaultRules(operator=operator, test_required=tested)


def _bars(test: ServiceTest, rules: FaultRules, at: datetime) -> bool:
    fresh = test.done_at is not None and test.done_at >= at - timedelta(minutes=rules.test_max_age_minutes)
    return fresh and test.code in (rules.barring_codes or ["KNOWN_INCIDENT"])


def _barred(test: ServiceTest) -> str:
    if test.code == "KNOWN_INCIDENT":
        return "The partner knows of an incident here: do not raise it singly, put the ticket under the outage."
    return f"The test says {test.code}: {test.text or 'the partner takes no fault for this'}. It cannot be raised."


def _run(operator: Operator, can: bool, what: str) -> str:
    if can:
        return f"The service {what}. Run a test first."
    return f"The service {what}, and {operator} offers no remote test: say what was checked by hand to raise it."


def _age(rules: FaultRules) -> str:
    minutes = rules.test_max_age_minutes
    return f"{minutes // 60} hours" if minutes % 60 == 0 and minutes > 60 else f"{minutes} minutes"
