"""What a partner demands before it takes a fault: its rules, and what is still missing for one ticket."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q

from ofx.core.models import Organisation
from partners.models import Operator
from ticketing.tickets.barriers import barred
from ticketing.tickets.models import FaultRules, Ticket
from ticketing.tickets.testing import Gate, gate, testable
from ticketing.tickets.vocabulary import CHARACTERISTICS

TRUE, FALSE = ("yes", "true", "y", "1"), ("no", "false", "n", "0")
MOST = 1000


def rules_for(*, operator: Operator, organisation: Organisation) -> FaultRules:
    """The tenant's own rules for an operator, else the exchange's; else none but a test where one can be run."""
    rows = FaultRules.objects.filter(Q(organisation=None) | Q(organisation=organisation), operator=operator)
    found = rows.order_by(F("organisation").asc(nulls_last=True)).first()
    if found is not None:
        return found
    return FaultRules(operator=operator, test_required=testable(operator=operator, organisation=organisation))


def prefilled(ticket: Ticket, characteristics: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What is known from the answers, with what is given now above it; nothing is asked twice."""
    known = {name: value for name, value in ticket.answers.items() if name in CHARACTERISTICS}
    if ticket.repeat_fault:
        known.setdefault("REPEAT_PROBLEM", "yes")
    known |= {str(name): str(value).strip() for name, value in (characteristics or {}).items() if value is not None}
    return {name: _tidy(name, value) for name, value in known.items() if value}


def _tidy(name: str, value: str) -> str:
    kind = CHARACTERISTICS.get(name, ("", "text"))[1]
    if kind == "yes_no":
        return "yes" if value.lower() in TRUE else "no" if value.lower() in FALSE else value
    return value


def missing(
    ticket: Ticket, rules: FaultRules, given: Mapping[str, str], *, at: datetime, override: bool = False
) -> tuple[dict[str, str], Gate]:
    """Field → what to do before the partner takes it, and the state of the test gate (R18, R21)."""
    problems = _characteristics(rules, given)
    most = rules.max_lengths.get("description")
    if most and len(ticket.description) > int(most):
        problems["description"] = f"{rules.operator} takes at most {most} characters: shorten the description."
    if advice := barred(ticket, at):
        problems["outage"] = advice
    found = _gate(ticket, rules, at)
    if not found.ok and not (override and found.overridable):
        problems["test"] = found.reason
    return problems, found


def _gate(ticket: Ticket, rules: FaultRules, at: datetime) -> Gate:
    if ticket.service is None:
        needed = "The partner wants a test of the service: link the service to this ticket first."
        return Gate(not rules.test_required, needed if rules.test_required else "", None)
    return gate(service=ticket.service, operator=rules.operator, organisation=ticket.organisation, at=at, rules=rules)


def _characteristics(rules: FaultRules, given: Mapping[str, str]) -> dict[str, str]:
    problems = {name: _ask(rules, name) for name in rules.required if not given.get(name)}
    if given.get("SERVICE_HAS_WORKED") == "yes" and not given.get("LAST_WORKED"):
        problems["LAST_WORKED"] = f"{CHARACTERISTICS['LAST_WORKED'][0]} It is needed where the service has worked."
    for name, value in given.items():
        if wrong := _wrong(rules, name, value):
            problems[name] = wrong
    return problems


def _ask(rules: FaultRules, name: str) -> str:
    question = CHARACTERISTICS.get(name, (f"Give {name}.", ""))[0]
    return f"{rules.operator} needs an answer: {question}"


def _wrong(rules: FaultRules, name: str, value: str) -> str:
    if name == "scenario":
        return ""
    if name not in CHARACTERISTICS and name not in rules.required:
        return f"{name} is not a characteristic that is known. Known: {', '.join(CHARACTERISTICS)}."
    kind = CHARACTERISTICS.get(name, ("", "text"))[1]
    if kind == "yes_no" and value not in ("yes", "no"):
        return "Answer yes or no."
    if kind == "date" and not _is_date(value):
        return "Give the day as 2026-03-31."
    most = int(rules.max_lengths.get(name) or MOST)
    return f"{rules.operator} takes at most {most} characters here; this has {len(value)}." if len(value) > most else ""


def _is_date(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value[:10]))
    except ValueError:
        return False
