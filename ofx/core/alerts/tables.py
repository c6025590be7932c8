"""Alerts as a list."""

from typing import Any

from django.urls import reverse

from ofx.core.alerts.filters import AlertFilter
from ofx.core.ui.tables import Column, Table


class AlertTable(Table):
    """What a person was told, the newest first; unread ones carry a mark and a word."""

    columns = [
        Column("at", "When", sort="at", width=110),
        Column("text", "What happened", link=True),
        Column("read", "Read", accessor=lambda row: bool(row.read_at), width=90,
               template="{% if value %}read{% else %}<strong>new</strong>{% endif %}"),
    ]  # fmt: skip
    default_order = "-at"
    filterset_class = AlertFilter
    search = ("text__icontains",)
    search_hint = "Words of the alert"
    sentences = {"unread": "new: {}"}
    noun = "alert"
    empty_title = "No alerts"
    empty_text = "You are told here what happens to what is yours, or what you watch."
    empty_icon = "bell"

    def url_for(self, row: Any) -> str:
        """Where the alert leads; following it marks it as read."""
        return reverse("alert", args=[row.pk])

    def tone_for(self, row: Any) -> str:
        """New ones carry a mark at the edge."""
        return "" if row.read_at else "soon"
