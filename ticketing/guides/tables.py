"""The list of guides, and the list of runs behind the numbers."""

import django_filters

from ofx.core.ui.display import age, state_of
from ofx.core.ui.tables import Column, Table
from ticketing.guides.models import Guide, GuideRun
from ticketing.tickets.vocabulary import FaultClass


class GuideFilter(django_filters.FilterSet):
    """Which guides."""

    fault_class = django_filters.ChoiceFilter(label="Fault", choices=FaultClass.choices)
    audience = django_filters.ChoiceFilter(label="For", choices=Guide.Audience.choices)

    class Meta:
        model = Guide
        fields = ("fault_class", "audience")


class GuideTable(Table):
    """Guides with the version in force and what they did in the last 28 days."""

    columns = [
        Column("title", "Guide", sort="title", link=True),
        Column("fault_class", "Fault", accessor="get_fault_class_display", sort="fault_class", width=150),
        Column(
            "owner", "Whose", render=lambda row: row.organisation.name if row.organisation else "For all", width=150
        ),
        Column("audience", "For", accessor="get_audience_display", sort="audience", width=170),
        Column("number", "In force", render=lambda row: f"v{row.in_force}" if row.in_force else "–", width=80),
        Column("draft", "Draft", render=lambda row: f"v{row.drafted}" if row.drafted else "–", width=70),
        Column("runs", "Runs, 28 days", numeric=True, sort="recent", accessor="recent", width=110),
        Column("active", "Offered", render=lambda row: "yes" if row.active else "no", width=80),
    ]
    default_order, filterset_class = "title", GuideFilter
    search = ("title__icontains", "summary__icontains")
    sentences = {"fault_class": "{}", "audience": "for {}"}
    noun = "guide"
    empty_title = "No guides yet"
    empty_text = (
        "Guides lead people through a fault, step by step. Begin with a copy of one that comes with the product."
    )


class RunFilter(django_filters.FilterSet):
    """Which runs."""

    state = django_filters.ChoiceFilter(label="State", choices=GuideRun.State.choices)
    outcome = django_filters.ChoiceFilter(label="Outcome", choices=GuideRun.Outcome.choices)
    guide = django_filters.NumberFilter(label="Guide")

    class Meta:
        model = GuideRun
        fields = ("state", "outcome", "guide")


class RunTable(Table):
    """The runs behind the numbers."""

    columns = [
        Column("offered_at", "When", render=lambda row: age(row.offered_at), sort="offered_at", link=True, width=110),
        Column("guide", "Guide", accessor="guide.title", sort="guide__title"),
        Column("customer", "Customer", render=lambda row: row.customer.name if row.customer else "–"),
        Column("service", "Service", render=lambda row: row.service.reference if row.service else "–", width=120),
        Column("channel", "Channel", accessor="get_channel_display", sort="channel", width=110),
        Column("state", "State", render=lambda row: state_of(row), sort="state", width=150),
        Column("outcome", "Outcome", accessor="get_outcome_display", sort="outcome", width=170),
        Column("ticket", "Ticket", render=lambda row: row.ticket.reference if row.ticket else "–", width=110),
    ]
    default_order, filterset_class = "-offered_at", RunFilter
    sentences = {"state": "{}", "outcome": "{}", "guide": "guide {}"}
    noun = "run"
    empty_title = "Nobody has taken a guide yet"
    empty_text = "As soon as a customer reports a problem, the run stands here with all its steps."
