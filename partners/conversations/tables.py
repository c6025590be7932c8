"""Messages and endpoints as lists."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from ofx.core.clock import now
from ofx.core.ui.display import NOTHING, age, icon, state_chip
from ofx.core.ui.tables import Column, Table
from partners.conversations.filters import EndpointFilter, MessageFilter
from partners.conversations.models import Endpoint, Message
from partners.conversations.queries import PROBLEMS, health, kind_of, look
from partners.mapping.entities import ENTITIES, word


def _direction(row: Message) -> SafeString:
    name, word = ("arrow-left", "in") if row.direction == "in" else ("arrow-right", "out")
    return format_html("{} {}", icon(name, 16), word)


def _state(row: Message) -> SafeString:
    return state_chip(*look(row, now()))


def _their_id(row: Message) -> Any:
    return (row.leg.external_id if row.leg else "") or NOTHING


class MessageTable(Table):
    """Every message, in and out. Rows come from queries.message_rows."""

    columns = [
        Column("id", "Message", accessor="pk", sort="pk", link=True, width=100),
        Column("direction", "Way", render=_direction, export=lambda row: row.direction, sort="direction", width=80),
        Column("verb", "Kind", accessor=kind_of, sort="verb", width=130),
        Column("state", "State", render=_state, export=lambda row: look(row, now())[0], sort="state", width=180),
        Column("our_key", "Our key", accessor="leg.our_key", sort="leg__our_key", nulls_last=True),
        Column("their_id", "Their id", accessor="leg.external_id", render=_their_id),
        Column("endpoint", "System", accessor="endpoint.name", sort="endpoint__name"),
        Column("attempt", "Tries", numeric=True, sort="attempt", width=80),
        Column("created_at", "Age", sort="created_at", width=110),
        Column("ended_at", "Ended", sort="ended_at", nulls_last=True, hidden=True, width=110),
        Column("reason", "Why", accessor=lambda row: row.reason[:120], hidden=True),
        Column("case", "Case", accessor="leg.conversation.subject", hidden=True),
    ]
    default_order = "-pk"
    filterset_class = MessageFilter
    search = ("leg__our_key__istartswith", "leg__external_id__istartswith", "reason__icontains")
    search_hint = "Our key, their id or words"
    sentences = {
        "direction": "{}",
        "about": "about {}",
        "state": "{}",
        "verb": "{}",
        "endpoint": "at {}",
        "operator": "of {}",
        "older": "older than {} h",
        "needs": "needs a person: {}",
    }
    noun = "message"
    empty_title = "No messages yet"
    empty_text = "What goes to operators and customers' systems, and what comes back, appears here."
    empty_icon = "messages"

    def tone_for(self, row: Message) -> str:
        """Late: it was not done and a person must act; soon: it was done otherwise than meant."""
        if row.state in ("partial", "rejected"):
            return "soon" if row.state == "partial" else ""
        return "late" if row.state in PROBLEMS else ""


def _spoken(row: Endpoint) -> str:
    return ", ".join(f"{word(entity)}s" for entity in ENTITIES if row.speaks(entity))


class EndpointTable(Table):
    """Ways to operators' and customers' systems. Rows come from queries.endpoint_rows."""

    columns = [
        Column(
            "name",
            "Way",
            sort="name",
            link=True,
            template="{{ value }} {% if row.simulated %}{% mark 'simulated' %}{% endif %}",
        ),
        Column("operator", "Leads to", accessor=lambda row: row.owner.name, sort="operator__name", nulls_last=True),
        Column("entities", "For", accessor=_spoken),
        Column("kind", "Kind", accessor="kind", sort="kind", width=110),
        Column(
            "state",
            "State",
            render=lambda row: state_chip(*health(row, now())),
            export=lambda row: health(row, now())[0],
            sort="state",
            width=160,
        ),
        Column("queued", "Unsent", numeric=True, sort="queued", width=90),
        Column("oldest", "Oldest unsent", sort="oldest", nulls_last=True, width=130),
        Column(
            "last_sync_at",
            "Last sync",
            sort="last_sync_at",
            nulls_last=True,
            width=110,
            render=lambda row: age(row.last_sync_at) if row.last_sync_at else "never",
        ),
        Column("whose", "Whose", accessor=lambda row: row.organisation.name if row.organisation else "all tenants"),
        Column("last_error", "Last error", hidden=True),
    ]
    default_order = "name"
    filterset_class = EndpointFilter
    search = ("name__icontains", "operator__name__icontains", "customer__name__icontains")
    search_hint = "Name, operator, customer"
    sentences = {"state": "{}", "kind": "{}", "operator": "of {}"}
    noun = "way to a system"
    nouns = "ways to other systems"
    empty_title = "No way to any system yet"
    empty_text = "An operator can be ordered from once the exchange has connected its system."
    empty_icon = "plug"

    def tone_for(self, row: Endpoint) -> str:
        """Late: nothing can be sent."""
        return "late" if health(row, now())[1] == "red" else ""
