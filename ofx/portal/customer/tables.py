"""Lists of complaints."""

from typing import Any

from django.utils.html import format_html

from ofx.core.ui.display import age, day, due
from ofx.core.ui.tables import Column, Table
from ticketing.models import Complaint


def _due(row: Complaint) -> Any:
    return due(row.answer_by) if row.state in ("received", "escalated") else day(row.answer_by)


def _fault(row: Complaint) -> Any:
    if row.ticket is None:
        return format_html('<span class="muted">{}</span>', "none")
    return row.ticket.reference


class ComplaintTable(Table):
    """For staff: those whose answer is due first."""

    columns = [
        Column("reference", "Complaint", sort="reference", link=True, width=130),
        Column("customer", "Customer", accessor="customer.name", sort="customer__name"),
        Column("text", "What went wrong", render=lambda row: row.text[:120], export=lambda row: row.text),
        Column("ticket", "Ticket", render=_fault, export=lambda row: row.ticket.reference if row.ticket else ""),
        Column("state", "State", template="{% state row %}", sort="state", export=lambda row: row.get_state_display()),
        Column("answer_by", "Answer due", render=_due, sort="answer_by", width=120),
        Column("made_at", "Made", render=lambda row: age(row.made_at), sort="made_at", width=110),
    ]
    default_order = "answer_by"
    search = ("reference__istartswith", "customer__name__icontains", "text__icontains")
    noun = "complaint"
    empty_title, empty_text = "No complaints", "What customers complain about in their portal stands here."


class MyComplaintTable(Table):
    """For the customer."""

    columns = [
        Column("text", "What went wrong", render=lambda row: row.text[:90], link=True, export=lambda row: row.text),
        Column("state", "State", template="{% state row %}", sort="state", export=lambda row: row.get_state_display()),
        Column("answer_by", "Answer by", render=_due, sort="answer_by", width=120),
        Column("reference", "Number", sort="reference", width=130),
        Column("made_at", "Made", render=lambda row: age(row.made_at), sort="made_at", width=110),
    ]
    default_order = "-made_at"
    noun = "complaint"
    empty_title, empty_text = "No complaints", "If we do not put something right, complain here."
