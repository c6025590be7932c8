"""A record's evidence, counted again from its rows: late, twice or out of order gives the same."""

from django.db.models import Count, Max, Min, Q

from ticketing.known_errors.models import KnownError, KnownErrorTicket, KnownErrorUse
from ticketing.known_errors.vocabulary import Outcome


def recount(*, article: KnownError) -> None:
    """Tickets, first and last seen, applied, worked, failed. Simulated tickets are linked, and not counted."""
    links = KnownErrorTicket.objects.filter(article=article, ticket__simulated=False)
    seen = links.aggregate(n=Count("pk"), first=Min("ticket__created_at"), last=Max("ticket__created_at"))
    uses = KnownErrorUse.objects.filter(article=article).exclude(ticket__simulated=True)
    counted = uses.aggregate(
        applied=Count("pk"),
        worked=Count("pk", filter=Q(outcome=Outcome.WORKED)),
        failed=Count("pk", filter=Q(outcome=Outcome.FAILED)),
    )
    values = {
        "tickets_linked": seen["n"],
        "first_seen": seen["first"],
        "last_seen": seen["last"],
        "times_applied": counted["applied"],
        "times_worked": counted["worked"],
        "times_failed": counted["failed"],
    }
    KnownError.objects.filter(pk=article.pk).update(**values)
    for name, value in values.items():
        setattr(article, name, value)
