"""A record, a candidate and a ticket for every address of known errors, and more of them."""

from types import SimpleNamespace
from typing import Any

from tests.conftest import AT
from tests.test_architecture import all_urls
from tests.ticketing.known_errors.conftest import known_error
from ticketing.known_errors import actions
from ticketing.known_errors.indexing import count_words
from ticketing.known_errors.models import Candidate, CandidateTicket, KnownError, KnownErrorVersion
from ticketing.tickets.models import Ticket


def knowledge_values(shop: SimpleNamespace) -> dict[str, Any]:
    """What stands in the addresses."""
    article = known_error(
        shop.brightwave,
        "Box keeps rebooting",
        publish_to="public",
        customer_text="Give it air.",
        symptom_customer="Off",
    )
    count_words()
    ticket = Ticket.objects.create(
        organisation=shop.brightwave, reference="TT-700001", title="Reboots", state="resolved", created_at=AT,
        resolved_at=AT, fix="Replaced",
    )  # fmt: skip
    actions.link_ticket(article=article, ticket=ticket, actor=shop.alice, at=AT)
    candidate = Candidate.objects.create(
        organisation=shop.brightwave, title="Reboots", size=3, first_seen=AT, last_seen=AT
    )
    CandidateTicket.objects.create(candidate=candidate, ticket=ticket, at=AT)
    of_record = {"reference": article.reference, "number": 1, "ticket": ticket.reference, "word": "reviewed"}
    values: dict[str, Any] = {}
    for route, name, _ in all_urls():
        if name.startswith("known-error") or name == "help-article":
            values[route] = {**of_record, **({"word": "link"} if name == "known-error-use" else {})}
        elif name.startswith("candidate"):
            values[route] = {"pk": candidate.pk, "word": "dismiss"}
    of_ticket = {"reference": ticket.reference}
    routes = ("knowledge/from-ticket/<str:reference>/", "knowledge/for-ticket/<str:reference>/")
    return {**values, **dict.fromkeys(routes, of_ticket)}


def grow_knowledge(shop: SimpleNamespace, first: int, last: int) -> None:
    """More records, versions, tickets of the record, candidates and tickets of the candidate."""
    span, ours = range(first, last), shop.brightwave
    article = KnownError.objects.get(title="Box keeps rebooting")
    candidate = Candidate.objects.get(title="Reboots")
    KnownError.objects.bulk_create(
        KnownError(
            organisation=ours, reference=f"KE-G{n}", title=f"Error {n}", operator=shop.north, created_at=AT,
            updated_at=AT, state="approved", approved_at=AT, visibility="public", review_reason="old" if n % 2 else "",
            customer_title=f"Error {n}", customer_text="Restart it.",
        )
        for n in span
    )  # fmt: skip
    KnownErrorVersion.objects.bulk_create(
        KnownErrorVersion(article=article, number=n + 2, content={}, at=AT, by=shop.alice) for n in span
    )
    Candidate.objects.bulk_create(
        Candidate(organisation=ours, title=f"C {n}", size=3, first_seen=AT, last_seen=AT) for n in span
    )
    tickets = Ticket.objects.bulk_create(
        Ticket(
            organisation=ours, reference=f"TT-71{n:04d}", title="Down", state="resolved", created_at=AT, resolved_at=AT
        )
        for n in span
    )
    for ticket in tickets:
        actions.link_ticket(article=article, ticket=ticket, actor=None, at=AT)
        CandidateTicket.objects.create(candidate=candidate, ticket=ticket, at=AT)
