"""Twelve invented operators and one own network: offerings, list prices, agreements and their prices, contacts."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ofx.core.models import Organisation
from ofx.portal.demo.base import Demo
from ofx.portal.demo.catalogue import OPERATORS, SUSPENDED, WITHOUT, Spec
from ofx.portal.demo.world import join
from partners.models import Agreement, Contact, Offering, Operator, Price, Terms, TermsLine

LABEL = "Operators, offers and agreements"
PENNY = Decimal("0.01")


def run(demo: Demo) -> str:
    """Create what is missing; prices start with last year."""
    providers = {row.slug: row for row in Organisation.objects.filter(kind="service_provider")}
    start = date(demo.today.year - 2, 1, 1)
    for spec in OPERATORS:
        operator = add_operator(spec, providers)
        offerings = add_offerings(operator, spec, start)
        add_contacts(operator)
        for slug in WITHOUT:
            if spec.code not in WITHOUT[slug] and (not spec.on_net_of or spec.on_net_of == slug):
                add_agreement(demo, providers[slug], operator, offerings, start)
    join()  # Olga, whose organisation is an operator
    return f"{Operator.objects.count()} operators, {Offering.objects.count()} offerings"


def add_operator(spec: Spec, providers: dict[str, Organisation]) -> Operator:
    """The operator and the organisation of its people."""
    organisation, _ = Organisation.objects.get_or_create(
        slug=f"op-{spec.code}", defaults={"kind": "operator", "name": spec.name}
    )
    operator, _ = Operator.objects.get_or_create(
        code=spec.code,
        defaults={
            "organisation": organisation,
            "name": spec.name,
            "provenance": spec.provenance,
            "on_net_of": providers.get(spec.on_net_of),
            "order_rules": spec.rules,
        },
    )
    return operator


def add_offerings(operator: Operator, spec: Spec, start: date) -> list[tuple[Offering, Decimal, Decimal]]:
    """Offerings with their list price (one-off, monthly)."""
    made = []
    for product in spec.products:
        offering, _ = Offering.objects.get_or_create(
            operator=operator,
            code=product.code,
            defaults={
                "name": product.name,
                "kind": product.kind,
                "technology": product.technology,
                "down_mbps": product.down,
                "up_mbps": product.up,
                "lead_days": product.lead,
            },
        )
        one_off, monthly = Decimal(product.one_off), Decimal(product.monthly)
        Price.objects.get_or_create(
            offering=offering, agreement=None, starts=start, defaults={"one_off": one_off, "monthly": monthly}
        )
        made.append((offering, one_off, monthly))
    return made


def add_contacts(operator: Operator) -> None:
    """Two desks at an address that cannot be reached (RFC 2606)."""
    for purpose, name in (("orders", "Order desk"), ("escalation", "Duty manager")):
        Contact.objects.get_or_create(
            operator=operator,
            purpose=purpose,
            defaults={"name": name, "email": f"{purpose}@{operator.code}.example", "phone": "+44 1632 960000"},
        )


def add_agreement(demo: Demo, provider: Organisation, operator: Operator, offerings: list, start: date) -> Agreement:
    """An agreement with prices of its own: 4 to 16 % below list, other for each provider."""
    state = "suspended" if operator.code in SUSPENDED[provider.slug] else "active"
    agreement = Agreement.objects.filter(organisation=provider, operator=operator).exclude(state="ended").first()
    agreement = agreement or Agreement.objects.create(
        organisation=provider, operator=operator, state=state, starts=start, round=2, moved_at=demo.at
    )
    discount = Decimal(demo.dice("discount", provider.slug, operator.code).randint(4, 16)) / 100
    for offering, one_off, monthly in offerings:
        Price.objects.get_or_create(
            offering=offering,
            agreement=agreement,
            starts=start,
            defaults={"one_off": less(one_off, discount), "monthly": less(monthly, discount)},
        )
    add_terms(demo, agreement, start)
    return agreement


def add_terms(demo: Demo, agreement: Agreement, start: date) -> None:
    """The terms that these prices come from: everywhere, other products at list price."""
    if agreement.terms.exists():
        return
    at = demo.at - timedelta(days=400)
    terms = Terms.objects.create(
        agreement=agreement, number=1, state="accepted", starts=start, at_list=True, created_at=at, answered_at=at
    )
    TermsLine.objects.bulk_create(
        TermsLine(terms=terms, offering_id=price.offering_id, one_off=price.one_off, monthly=price.monthly)
        for price in agreement.prices.all()
    )


def less(amount: Decimal, share: Decimal) -> Decimal:
    """The amount reduced by a share, to the penny."""
    return (amount * (1 - share)).quantize(PENNY, ROUND_HALF_UP)
