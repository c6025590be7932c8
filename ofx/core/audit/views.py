"""The audit: who did what, when, to what."""

from functools import cached_property
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBase
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ofx.core.accounts.models import Membership
from ofx.core.alerts.subjects import Seen, seen
from ofx.core.audit.filters import AuditFilter
from ofx.core.audit.models import LogEntry
from ofx.core.request import UserRequest
from ofx.core.scoping import permit
from ofx.core.ui.tables import Column, Row, Table, table_page


def _details(row: LogEntry) -> str:
    parts = (
        f"{name.replace('_', ' ')}: {_short(value)}" for name, value in row.data.items() if value not in ("", None)
    )
    return " · ".join(parts)


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _about(row: Any) -> SafeString | str:
    thing = getattr(row, "thing", None)
    return format_html('<a href="{}">{}</a>', thing.url, thing.label) if thing else row.subject.replace(":", " ")


def _people(user: Any, subjects: list[str]) -> list[Seen]:
    """Persons among the subjects whom the user may see, with their page."""
    found = {int(text[5:]) for text in subjects if text.startswith("user:") and text[5:].isdigit()}
    rows = Membership.objects.visible_to(user).filter(user_id__in=found).select_related("user")
    return [Seen(f"user:{row.user_id}", str(row.user), row.get_absolute_url()) for row in rows]


class AuditTable(Table):
    """Entries, the newest first."""

    columns = [
        Column("at", "When", sort="at", width=150),
        Column("who", "Who", accessor="actor_name", width=170, link=True),
        Column("did", "Did", accessor="verb"),
        Column("about", "About", accessor="subject", render=lambda row: _about(row), width=150),
        Column("details", "Details", accessor=_details),
        Column("organisation", "For", accessor="organisation.name", hidden=True),
    ]
    default_order, filterset_class = "-at", AuditFilter
    sentences = {"person": "by {}", "kind": "about {}", "since": "from {}", "until": "to {}"}
    noun, nouns = "entry", "entries"

    @cached_property
    def rows(self) -> list[Row]:
        """The page's entries, each with the thing that it is about where the reader may see it."""
        subjects = [row.subject for row in self._window]
        user = self.request.user
        things = {one.subject: one for one in [*seen(user, subjects), *_people(user, subjects)]}
        for row in self._window:
            row.thing = things.get(row.subject)
        return super().rows

    def url_for(self, row: Any) -> str:
        """An entry has no page of its own."""
        return ""


@login_required
def audit(request: UserRequest) -> HttpResponseBase:
    """Who did what, when?"""
    permit(request.user, "audit.read")
    rows = LogEntry.objects.visible_to(request.user).select_related("organisation")
    return table_page(request, AuditTable, rows, context={"title": "Audit", "question": "Who did what, when?"})
