"""Known errors: those that come with the product, what the TSCs mended, what the desks wrote, and their evidence."""

from collections import defaultdict
from datetime import datetime, timedelta
from random import Random
from typing import Any

from ofx.core.models import Organisation, User
from ofx.portal.demo.base import Demo
from ofx.portal.demo.faults import DESKS
from ofx.portal.demo.knowledge_texts import RECORDS
from partners.models import Operator
from ticketing.known_errors import actions, upkeep
from ticketing.known_errors.indexing import count_words
from ticketing.known_errors.models import KnownError, KnownErrorTicket, KnownErrorUse
from ticketing.known_errors.recounting import recount
from ticketing.known_errors.shipping import load
from ticketing.models import ServiceTest, Ticket

LABEL = "Known errors"
SHIPPED_SINCE = timedelta(days=170)
FOLLOWED = 0.45  # share of the mended faults in which somebody looked and followed a record
WORKED = 9  # of ten, where a record does not say otherwise
STALE = "router-reboots"  # nobody has looked at this one since it came: the review page has something


def run(demo: Demo) -> str:
    """The records, then the faults in which they were followed, then what the upkeep finds."""
    load(at=demo.at - SHIPPED_SINCE)
    if not KnownError.objects.exclude(organisation=None).exists():
        for tickets in mended(demo):
            write_down(tickets)
        worked = {article.pk: row["worked"] for article, row in written(demo)}
        follow(demo, worked)
        tend(demo)
        count_words()
    own = KnownError.objects.exclude(organisation=None).count()
    uses = KnownErrorUse.objects.count()
    return f"{KnownError.objects.filter(organisation=None).count()} records for all, {own} of tenants, {uses} uses"


def demo_tickets(demo: Demo) -> Any:
    """The faults of this world."""
    return Ticket.objects.filter(idempotency_key__startswith=f"demo-{demo.seed}-f-")


def mended(demo: Demo) -> list[list[Ticket]]:
    """Closed tickets of a TSC whose fix nobody has written down, the same fix together, the oldest first."""
    rows = demo_tickets(demo).filter(state="closed", resolved_tier="tsc", knowledge_reference="")
    groups: dict[tuple[int, str], list[Ticket]] = defaultdict(list)
    for row in rows.select_related("organisation", "operator").order_by("resolved_at", "pk"):
        groups[row.organisation_id, row.cause].append(row)
    return list(groups.values())


def write_down(tickets: list[Ticket]) -> None:
    """Drafted when the first was mended, approved the day after, followed for the later ones."""
    first = tickets[0]
    at = first.resolved_at or first.created_at
    article = actions.draft_from_ticket(ticket=first, actor=None, at=at)
    article.title = f"{first.cause}: {first.title[:1].lower()}{first.title[1:]}"
    actions.save_known_error(article=article, actor=None, at=at)
    actions.approve(article=article, actor=None, at=at + timedelta(days=1))
    KnownErrorTicket.objects.bulk_create(
        [KnownErrorTicket(article=article, ticket=row, at=seen(row)) for row in tickets[1:]]
    )
    KnownErrorUse.objects.bulk_create(
        [use(article, row, "failed" if row.reopened else "worked") for row in tickets[1:]]
    )
    Ticket.objects.filter(pk__in=[row.pk for row in tickets]).update(knowledge_reference=article.reference)
    recount(article=article)


def written(demo: Demo) -> list[tuple[KnownError, dict[str, Any]]]:
    """What the desks wrote themselves, each brought as far as its text says."""
    people = {user.email: user for user in User.objects.filter(email__in=[row[-1] for row in DESKS.values()])}
    operators = {row.code: row for row in Operator.objects.filter(on_net_of=None)}
    made = []
    for slug, rows in RECORDS.items():
        owner, author = Organisation.objects.get(slug=slug), people[DESKS[slug][-1]]
        for row in rows:
            fields = {name: value for name, value in row.items() if name not in ("state", "age", "worked", "why")}
            fields["operator"] = operators.get(row.get("operator", ""))
            article = KnownError(organisation=owner, owner_group="Fault desk", **fields)
            bring(article, row, author, demo.at - timedelta(days=row["age"]))
            made.append((article, row))
    return made


def bring(article: KnownError, row: dict[str, Any], author: User, at: datetime) -> None:
    """Written, and asked for, approved or retired."""
    actions.save_known_error(article=article, actor=author, at=at)
    day = at + timedelta(days=1)
    if row["state"] == "waiting":
        actions.ask_for_approval(article=article, actor=author, at=day)
    if row["state"] in ("approved", "retired"):
        actions.approve(article=article, actor=author, at=day)
    if row["state"] == "retired":
        actions.retire(article=article, actor=author, at=at + timedelta(days=60), why=row["why"])


def seen(ticket: Ticket) -> datetime:
    """When its fix was known, else when it was opened."""
    return ticket.resolved_at or ticket.created_at


def use(article: KnownError, ticket: Ticket, outcome: str) -> KnownErrorUse:
    """The advice was followed, and what came of it: judged when the ticket closed."""
    judged = None if outcome == "applied" else ticket.closed_at or seen(ticket)
    return KnownErrorUse(article=article, ticket=ticket, outcome=outcome, at=seen(ticket), judged_at=judged)


def follow(demo: Demo, worked: dict[int, int]) -> None:
    """In nearly half of the faults somebody followed a record that fits; what came of it is what the fault tells."""
    articles = list(KnownError.objects.filter(state__in=("approved", "retired")))
    codes: dict[int, set[str]] = defaultdict(set)
    for ticket_id, code in ServiceTest.objects.filter(ticket__isnull=False).values_list("ticket_id", "code"):
        codes[ticket_id].add(code)
    links, uses = [], []
    rows = (
        demo_tickets(demo).filter(resolved_tier__in=("l1", "partner", "")).exclude(state__in=("cancelled", "rejected"))
    )
    for ticket in rows.order_by("pk"):
        dice = demo.dice("known", ticket.idempotency_key)
        article = chosen(dice, articles, ticket, codes[ticket.pk])
        if article is None or dice.random() > FOLLOWED:
            continue
        links.append(KnownErrorTicket(article=article, ticket=ticket, at=seen(ticket)))
        uses.append(use(article, ticket, outcome_of(dice, ticket, worked.get(article.pk, WORKED))))
    KnownErrorTicket.objects.bulk_create(links, batch_size=1000)
    KnownErrorUse.objects.bulk_create(uses, batch_size=1000)
    touched = {row.article_id for row in links}
    for article in articles:
        if article.pk in touched:
            recount(article=article)


def chosen(dice: Random, articles: list[KnownError], ticket: Ticket, codes: set[str]) -> KnownError | None:
    """A record that the desk could read then and that fits; four times as likely where a test's code says so."""
    fitting = [
        article
        for article in articles
        if article.fault_class == ticket.fault_class
        and article.organisation_id in (None, ticket.organisation_id)
        and article.operator_id in (None, ticket.operator_id)
        and article.approved_at is not None
        and article.approved_at < ticket.created_at
        and (article.state == "approved" or seen(ticket) < article.updated_at)
    ]
    weights = [4 if codes & set(article.test_codes) else 1 for article in fitting]
    return dice.choices(fitting, weights)[0] if fitting else None


def outcome_of(dice: Random, ticket: Ticket, worked: int) -> str:
    """Open faults are not judged yet; what was reopened failed."""
    if ticket.state not in ("resolved", "closed"):
        return "applied"
    return "failed" if ticket.reopened or dice.random() * 10 > worked else "worked"


def tend(demo: Demo) -> None:
    """Most records were looked at since; the upkeep finds the one that was not, and those that fail."""
    seen_since = (demo.at + timedelta(days=90)).date()
    KnownError.objects.filter(organisation=None).exclude(code=STALE).update(review_by=seen_since)
    KnownError.objects.filter(code=STALE).update(review_by=(demo.at - timedelta(days=2)).date())
    upkeep.flag_due(at=demo.at)
