"""How the list of tickets is narrowed, and what its search box means."""

import re
from datetime import timedelta
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from ofx.core.clock import now
from ofx.core.models import Organisation, User
from ofx.core.scoping import CAPABILITIES
from ofx.orders.filters import compact, operators, starting
from ticketing.tickets.models import PartnerTicket, Ticket
from ticketing.tickets.vocabulary import ENDED, OPEN, ClockOwner, FaultClass, State, Tier

YES = [("true", "Yes"), ("false", "No")]
CHECK = forms.Select(choices=[("", "---------"), *YES])
DATE = forms.DateInput(attrs={"type": "date"})
REFERENCE = re.compile(r"^TT-?\d*$", re.IGNORECASE)
POSTCODE = re.compile(r"^(?:[A-Z]{1,2}[0-9][A-Z0-9]{0,5}|[0-9]{3,10})$")
LARGEST = 200  # customers, or tickets at partners, that a text may mean
ASSIGNED = [("me", "Me"), ("nobody", "Nobody"), ("others", "Colleagues")]
QUEUES = [
    ("mine", "My work"),
    ("unassigned", "Unassigned"),
    ("tsc", "TSC queue"),
    ("partner", "Waiting for partner"),
    ("customer", "Waiting for customer"),
    ("resolved", "Awaiting confirmation"),
    ("colleagues", "With colleagues"),
]
ON_OTHERS = ("partner", "third_party", "force_majeure")
WORKED_ON = ("acknowledged", "in_progress", "pending", "held")


def queue_of(rows: QuerySet[Ticket], name: str, user: Any) -> QuerySet[Ticket]:
    """The tickets of one column of the board. Each open ticket is in exactly one of QUEUES.

    What waits for somebody else is there, whoever looks after it; what we hold is with TSC, or with its person.
    """
    if name == "resolved":
        return rows.filter(state="resolved")
    rows = rows.filter(state__in=WORKED_ON)
    if name in ("partner", "customer"):
        return rows.filter(holder__in=ON_OTHERS if name == "partner" else ["end_customer"])
    rows = rows.filter(holder="us")
    mine = Q(assigned_to_id=getattr(user, "pk", None))
    if name == "mine":
        return rows.filter(mine)
    if name == "tsc":
        return rows.filter(~mine | Q(assigned_to=None), tier="tsc")
    rows = rows.exclude(tier="tsc")
    return rows.filter(assigned_to=None) if name == "unassigned" else rows.filter(~mine, assigned_to__isnull=False)


def search_tickets(rows: QuerySet[Ticket], text: str, provider: int | None = None) -> QuerySet[Ticket]:
    """Tickets by reference, external or partner's id, postcode, customer or words of the title.

    What the text looks like decides: an OR over all of them would read every ticket of the tenant.
    """
    text = text.strip()
    if REFERENCE.match(text):
        return rows.filter(starting("reference", compact(text)))
    known = set(rows.filter(external_id=text).order_by().values_list("pk", flat=True)[:LARGEST])
    at_partner = PartnerTicket.objects.filter(partner_ref=text).values_list("ticket", flat=True)
    known |= set(at_partner[:LARGEST])
    if known:
        return rows.filter(pk__in=known)
    if POSTCODE.match(compact(text)):
        return rows.filter(starting("postcode", compact(text)))
    of = {"provider_id": provider} if provider else {}
    customers = Organisation.objects.filter(kind="customer", name__icontains=text, **of).values_list("pk", flat=True)
    found = list(customers[:LARGEST])
    return rows.filter(customer_id__in=found) if found else rows.filter(title__icontains=text)


def colleagues(request: Any) -> QuerySet[User]:
    """People of the acting provider who work on tickets."""
    acting = getattr(request.user, "acting", None) if request else None
    if acting is None:
        return User.objects.none()
    roles = CAPABILITIES["ticket.write"]["service_provider"]
    found = User.objects.filter(
        memberships__organisation_id=acting.organisation_id, memberships__role__in=roles, is_active=True
    )
    return found.distinct().order_by("name", "email")


class TicketFilter(filters.FilterSet):
    """By state, class, priority, tier, holder, operator, who has it, age and flags."""

    state = filters.MultipleChoiceFilter(choices=State.choices, distinct=False)
    fault_class = filters.MultipleChoiceFilter(choices=FaultClass.choices, distinct=False, label="Class")
    priority = filters.MultipleChoiceFilter(
        choices=[(str(n), f"P{n}") for n in range(1, 5)], distinct=False, label="Priority"
    )
    tier = filters.ChoiceFilter(choices=Tier.choices, label="Tier")
    holder = filters.ChoiceFilter(choices=ClockOwner.choices, label="Held by")
    operator = filters.ModelChoiceFilter(queryset=operators, label="Operator")
    assigned = filters.ChoiceFilter(choices=ASSIGNED, method="by_assignee", label="Assigned to")
    older = filters.NumberFilter(method="by_age", label="Older than, days", min_value=0, max_value=3650)
    early = filters.BooleanFilter(field_name="early_life", label="Early life", widget=CHECK)
    repeat = filters.BooleanFilter(field_name="repeat_fault", label="Repeat", widget=CHECK)
    open = filters.BooleanFilter(method="by_end", label="Open", widget=CHECK)
    queue = filters.ChoiceFilter(choices=QUEUES, method="by_queue", label="Queue")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def by_assignee(self, rows: QuerySet[Ticket], name: str, value: str) -> QuerySet[Ticket]:
        """Mine, nobody's, or a colleague's."""
        me = getattr(self.request.user, "pk", None) if self.request else None
        if value == "nobody":
            return rows.filter(assigned_to=None)
        mine = Q(assigned_to_id=me)
        return rows.filter(mine) if value == "me" else rows.filter(~mine, assigned_to__isnull=False)

    def by_age(self, rows: QuerySet[Ticket], name: str, value: Any) -> QuerySet[Ticket]:
        """Opened longer ago than so many days."""
        return rows.filter(created_at__lt=now() - timedelta(days=int(value)))

    def by_end(self, rows: QuerySet[Ticket], name: str, value: bool) -> QuerySet[Ticket]:
        """Whether it goes on; a resolved one still does."""
        return rows.filter(state__in=OPEN if value else ENDED)

    def by_queue(self, rows: QuerySet[Ticket], name: str, value: str) -> QuerySet[Ticket]:
        """One column of the board."""
        return queue_of(rows, value, self.request.user if self.request else None)
