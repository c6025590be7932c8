"""Lists of known errors and candidates."""

from typing import Any

from django.utils.html import format_html

from ofx.core.ui.display import NOTHING, age, day
from ofx.core.ui.tables import Column, Table
from ticketing.known_errors.filters import KnownErrorFilter
from ticketing.known_errors.models import Candidate, KnownError


def _title(row: KnownError) -> Any:
    small = row.review_reason or row.workaround
    return format_html('{}<br><span class="muted small">{}</span>', row.title, small)


def _outcomes(row: KnownError) -> Any:
    if not row.times_applied:
        return NOTHING
    judged = row.times_worked + row.times_failed
    return f"{row.times_worked} of {judged} worked" if judged else f"{row.times_applied} not judged yet"


class KnownErrorTable(Table):
    """Every record that one may see, newest change first."""

    columns = [
        Column("reference", "Record", sort="reference", width=115),
        Column("title", "What goes wrong", render=_title, sort="title", link=True, export=lambda row: row.title),
        Column("state", "State", template="{% state row %}", sort="state", width=170,
               export=lambda row: row.get_state_display()),
        Column("confidence", "Confidence", template='{% state row "confidence" %}', sort="confidence", width=130,
               export=lambda row: row.get_confidence_display()),
        Column("visibility", "Read by", render=lambda row: row.get_visibility_display(), width=130),
        Column("operator", "Operator", render=lambda row: row.operator.name if row.operator else "any", width=120,
               hidden=True),
        Column("tickets", "Tickets", accessor="tickets_linked", numeric=True, sort="tickets_linked", width=80),
        Column("outcomes", "When applied", render=_outcomes, width=130, export=lambda row: row.times_worked),
        Column("last_seen", "Last seen", render=lambda row: age(row.last_seen) if row.last_seen else NOTHING,
               sort="last_seen", nulls_last=True, width=110),
        Column("review_by", "Review by", render=lambda row: day(row.review_by) if row.review_by else NOTHING,
               sort="review_by", nulls_last=True, width=110, hidden=True),
        Column("updated_at", "Changed", sort="updated_at", width=110, hidden=True),
        Column("owner", "Owner", accessor="owner_group", hidden=True),
    ]  # fmt: skip
    default_order = "-updated_at"
    filterset_class = KnownErrorFilter
    sentences = {"state": "{}", "operator": "at {}", "review": "to review: {}", "visibility": "read by {}"}
    noun = "known error"
    empty_title = "No known errors yet"
    empty_text = (
        "A record says how a fault looks, how to know it again and what helps. Draft one from a resolved ticket."
    )
    empty_icon = "book"

    def tone_for(self, row: KnownError) -> str:
        """Flagged ones stand out."""
        return "soon" if row.review_reason else ""


class CandidateTable(Table):
    """Clusters of resolved tickets without a record, the largest first."""

    columns = [
        Column("title", "Said first", sort="title", link=True),
        Column("size", "Tickets", numeric=True, sort="size", width=90),
        Column("codes", "Codes", render=lambda row: ", ".join(row.codes) or NOTHING, width=180),
        Column("first_seen", "First seen", sort="first_seen", width=120),
        Column("last_seen", "Last seen", sort="last_seen", width=120),
        Column("state", "State", template="{% state row %}", sort="state", width=110, export=lambda row: row.state),
    ]  # fmt: skip
    default_order = "-size"
    search = ("title__icontains",)
    search_hint = "Words"
    noun = "candidate"
    empty_title = "No candidates"
    empty_text = "When resolved tickets without a record resemble each other, they gather here."
    empty_icon = "book"

    def url_for(self, row: Candidate) -> str:
        """The candidate's page."""
        return row.get_absolute_url()
