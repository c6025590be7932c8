"""The audit: who did what, when, to what."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase

from ofx.core.audit.filters import AuditFilter
from ofx.core.audit.models import LogEntry
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.ui.tables import Column, Table, table_page


def _details(row: LogEntry) -> str:
    parts = (
        f"{name.replace('_', ' ')}: {_short(value)}" for name, value in row.data.items() if value not in ("", None)
    )
    return " · ".join(parts)


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


class AuditTable(Table):
    """Entries, the newest first."""

    columns = [
        Column("at", "When", sort="at", width=150),
        Column("who", "Who", accessor="actor_name", width=170, link=True),
        Column("did", "Did", accessor="verb"),
        Column("about", "About", accessor="subject", width=150),
        Column("details", "Details", accessor=_details),
        Column("organisation", "For", accessor="organisation.name", hidden=True),
    ]
    default_order, filterset_class = "-at", AuditFilter
    sentences = {"person": "by {}", "kind": "about {}", "since": "from {}", "until": "to {}"}
    noun, nouns = "entry", "entries"

    def url_for(self, row: Any) -> str:
        """An entry has no page of its own."""
        return ""


@login_required
def audit(request: UserRequest) -> HttpResponseBase:
    """Who did what, when?"""
    permit(request.user, "audit.read")
    rows = LogEntry.objects.visible_to(request.user).select_related("organisation")
    return table_page(request, AuditTable, rows, context={"title": "Audit", "question": "Who did what, when?"})
