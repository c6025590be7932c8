"""What guides ask of the rest of the house: outages, tests, known errors, visits, tickets. One place to look."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from ofx.core.models import User
from ofx.core.transitions import IllegalTransition
from partners.connectors.asking import NotDone, Refused
from partners.connectors.tmf646 import client as tmf646
from partners.connectors.tmf646.client import About, Slot
from partners.conversations import actions as conversations
from ticketing.guides.models import GuideRun
from ticketing.known_errors import actions as known_error_actions
from ticketing.known_errors import queries as known_errors
from ticketing.known_errors.models import KnownError
from ticketing.outages import queries as outages
from ticketing.outages.actions import attach
from ticketing.outages.models import Outage
from ticketing.tickets import actions as tickets
from ticketing.tickets import testing
from ticketing.tickets.demands import rules_for
from ticketing.tickets.models import ServiceTest, Ticket

SLOT_DAYS = 14
MOST_SLOTS = 8


@dataclass(frozen=True)
class Asked:
    """What became of asking for a test: the row, or why there is none."""

    test: ServiceTest | None = None
    consent: str = ""  # what it disrupts, where consent is needed first
    why: str = ""  # why it cannot be tested


def ask_test(run: GuideRun, *, kind: str, consent: str, actor: User | None, at: datetime) -> Asked:
    """Start the partner's diagnostic of the run's service (DOMAIN A05, R19)."""
    if run.service is None:
        return Asked(why="We can only test a line that is named, and none was chosen.")
    try:
        with transaction.atomic():
            test = testing.start_test(
                service=run.service, actor=actor, at=at, kind=kind, ticket=run.ticket, consent=consent, why="guide"
            )
    except testing.ConsentNeeded as error:
        return Asked(consent=str(error) or "The test interrupts the connection for some minutes.")
    except testing.NotTestable as error:
        return Asked(why=str(error))
    return Asked(test=test)


def covering(run: GuideRun, at: datetime) -> Outage | None:
    """The outage that the run's service or place lies in, or None (R17)."""
    service = run.service
    where = {"country": service.country, "postcode": service.postcode} if service else {}
    if not where and run.ticket is not None:
        where = {"country": run.ticket.country, "postcode": run.ticket.postcode}
    operator = service.operator if service else None
    return outages.covering(organisation=run.organisation, service=service, operator=operator, at=at, **where)


def told(outage: Outage) -> dict[str, Any]:
    """What a person is told of an outage, kept with the step: our public words, never its inner title."""
    return {
        "outage": f"outage:{outage.pk}",
        "reference": outage.reference,
        "text": outage.public_text,
        "expected": outage.expected_at.isoformat() if outage.expected_at else "",
        "planned": outage.planned,
    }


def make_child(ticket: Ticket, subject: str, at: datetime) -> bool:
    """Make a ticket the child of an outage; False where it is over meanwhile."""
    number = subject.partition(":")[2]
    outage = Outage.objects.filter(pk=number).first() if number.isdigit() else None
    if outage is None:
        return False
    try:
        with transaction.atomic():
            attach(outage=outage, ticket=ticket, actor=None, at=at)
    except (IllegalTransition, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Hint:
    """A known error as a person reads it."""

    pk: int
    title: str
    summary: str
    steps: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


def suggestions(run: GuideRun, facts: dict[str, str], words: str, *, public: bool) -> list[Hint]:
    """Known errors by the test's signature and the person's words, at most three."""
    service = run.service
    code = facts.get("test.code", "")
    signature = known_errors.Signature(code=code, colour=facts.get("test.colour", "")) if code else None
    found = known_errors.suggest(
        organisation=run.organisation,
        text=words,
        signature=signature,
        operator=service.operator if service else None,
        technology=service.offering.technology if service else "",
        audience="public" if public else "internal",
        limit=3,
    )
    return [_hint(one, public) for one in found]


def _hint(one: known_errors.Suggestion, public: bool) -> Hint:
    article = one.article
    steps = [str(step.get("text", "")) if isinstance(step, dict) else str(step) for step in article.steps or ()]
    if public:  # an article's inner words are for the desk
        return Hint(article.pk, article.customer_title, article.customer_text, [], [])
    return Hint(article.pk, article.title, article.workaround, steps, list(one.why))


def hints_used(run: GuideRun, shown: list[int], worked: int | None, *, actor: User | None, at: datetime) -> None:
    """Tell the known errors what became of them: the one that worked, the others failed."""
    for article in KnownError.objects.filter(pk__in=shown):
        outcome = "worked" if article.pk == worked else "failed"
        if worked is None or article.pk == worked:
            known_error_actions.record_use(article=article, at=at, actor=actor, outcome=outcome, run=run)


def slots(run: GuideRun, at: datetime) -> list[Slot]:
    """Free times of the partner's engineers for a repair visit; none where it cannot be asked (TMF646)."""
    service = run.service
    if service is None:
        return []
    endpoint = conversations.endpoint_for(operator=service.operator, organisation=run.organisation)
    if not tmf646.serves(endpoint):
        return []
    about = About(
        key=f"guide-{run.token}",
        order_id=service.partner_ref,
        postcode=service.postcode,
        address=service.place_text,
        contact=str(run.user or ""),
    )
    try:
        return tmf646.search(endpoint, about, at + timedelta(days=1), at + timedelta(days=SLOT_DAYS))[:MOST_SLOTS]
    except (Refused, NotDone):
        return []


def required(run: GuideRun) -> list[str]:
    """Characteristics that the service's operator demands before it takes a fault (DOMAIN 4.3)."""
    if run.service is None:
        return []
    return list(rules_for(operator=run.service.operator, organisation=run.organisation).required)


def raise_at_partner(ticket: Ticket, characteristics: dict[str, str], at: datetime) -> str:
    """Raise a ticket at its partner where the rules are satisfied; else why not, in a sentence for the desk."""
    try:
        with transaction.atomic():
            tickets.raise_to_partner(ticket=ticket, actor=None, at=at, characteristics=characteristics)
    except tickets.NotReady as error:
        return "Not raised to the partner by itself. " + " ".join(error.problems.values())
    except (IllegalTransition, ValueError, LookupError) as error:
        return f"Not raised to the partner by itself: {error}"
    return ""
