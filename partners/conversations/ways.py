"""Which endpoint leads to an operator or to a customer's own system, by what is to be told there."""

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When

from ofx.core.accounts.models import Organisation
from partners.conversations.models import Endpoint
from partners.mapping.entities import ORDER, RANK, SPOKEN, TICKET
from partners.operators.models import Operator


def endpoint_for(*, operator: Operator, organisation: Organisation, entity: str = ORDER) -> Endpoint | None:
    """The way to an operator for a tenant, for orders, tickets or problems: its own endpoint first, else the
    exchange's shared one, the better kind of system before mail and portal; None where there is none."""
    return _best(_usable(organisation).filter(operator=operator), entity)


def customer_endpoint(*, customer: Organisation, entity: str = TICKET) -> Endpoint | None:
    """The customer's own system, where its service provider has connected one."""
    return _best(Endpoint.objects.filter(customer=customer), entity)


def line_tester(*, operator: Operator, organisation: Organisation, api: str = "tmf653") -> Endpoint | None:
    """The endpoint whose system tests the services of an operator (connectors/tmf653), or has another API beside."""
    rows = _usable(organisation).filter(operator=operator, services__has_key=api)
    usable = [row for row in rows.order_by(F("organisation").asc(nulls_last=True), "pk") if row.services[api]]
    return next((row for row in usable if row.state == "active"), usable[0] if usable else None)


def _usable(organisation: Organisation) -> QuerySet[Endpoint]:
    return Endpoint.objects.filter(Q(organisation=organisation) | Q(organisation=None))


def _best(rows: QuerySet[Endpoint], entity: str) -> Endpoint | None:
    by_kind = [kind for kind, spoken in SPOKEN.items() if entity in spoken]
    speaking = rows.filter(Q(entities__contains=[entity]) | Q(entities=[], kind__in=by_kind))
    ranks = [When(kind=kind, then=Value(rank)) for kind, rank in RANK.items()]
    ranked = speaking.annotate(rank=Case(*ranks, default=Value(3), output_field=IntegerField()))
    return ranked.order_by(F("organisation").asc(nulls_last=True), "rank", "pk").first()
