"""Talks under way: a request that waits for Olga, and an offer that waits for Alice."""

from datetime import timedelta
from decimal import Decimal

from ofx.core.models import Organisation, User
from ofx.portal.demo.base import Demo
from partners.agreements import actions
from partners.agreements.actions import Proposal, Wish
from partners.agreements.queries import list_prices, sold_by
from partners.models import Agreement, Operator

LABEL = "Agreements in the making"
# Provider, who asks, operator, who answers (nobody: the request waits), regions
TALKS = (
    ("meridian", "dana@example.com", "northfibre", "", ["GB:M", "GB:LS"]),
    ("brightwave", "alice@example.com", "lagan-link", "lewis@example.com", ["GB:BT"]),
)
NOTE = "We serve some 30 voice customers there and expect ten orders a month."
OFFER_NOTE = "Six per cent below list, from the first of your ten orders on."


def run(demo: Demo) -> str:
    """Ask, and where somebody answers, offer; once."""
    people = {row.email: row for row in User.objects.all()}
    for slug, asks, code, answers, regions in TALKS:
        provider, operator = Organisation.objects.get(slug=slug), Operator.objects.get(code=code)
        if not Agreement.objects.filter(organisation=provider, operator=operator).exists():
            talk(demo, provider, operator, (people[asks], people.get(answers)), regions)
    waiting = Agreement.objects.filter(state__in=Agreement.IN_TALKS).count()
    return f"{waiting} under way"


def talk(
    demo: Demo, provider: Organisation, operator: Operator, people: tuple[User, User | None], regions: list[str]
) -> None:
    """One request, three days old, and perhaps the offer of yesterday."""
    wish = Wish(regions=regions, note=NOTE)
    asked_at, offered_at = demo.at - timedelta(days=3), demo.at - timedelta(days=1)
    row = actions.ask(organisation=provider, operator=operator, wish=wish, actor=people[0], at=asked_at)
    if people[1] is None:
        return
    listed = list_prices(sold_by(operator), demo.today)
    less = {pk: (price.one_off, round(price.monthly * Decimal("0.94"), 2)) for pk, price in listed.items()}
    terms = Proposal(lines=less, currency="GBP", starts=demo.today, regions=regions, note=OFFER_NOTE)
    actions.offer(agreement=row, proposal=terms, round=row.round, actor=people[1], at=offered_at)
