"""The one scoped door: what a user may see, and what a user may do.

ARCHITECTURE 6.2: views and the API load only through `Model.objects.visible_to(user)`.
"""

from collections.abc import Iterable
from typing import Any, Self, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models

M = TypeVar("M", bound=models.Model)

# Capability → roles that hold it, by kind of organisation (ARCHITECTURE 8).
CAPABILITIES: dict[str, dict[str, set[str]]] = {
    "order.write": {"service_provider": {"admin", "order_desk"}},
    "order.note": {"service_provider": {"admin", "order_desk", "fault_desk", "governance"}},
    "order.ask": {"customer": {"admin", "user"}},
    "visit.move": {"customer": {"admin", "user"}},
    "search.bulk": {"service_provider": {"admin", "order_desk"}},
    "rule.write": {"service_provider": {"admin"}, "exchange": {"admin"}},
    "coverage.write": {"service_provider": {"admin"}, "operator": {"admin"}, "exchange": {"admin"}},
    "agreement.write": {"service_provider": {"admin"}, "exchange": {"admin"}},
    "agreement.answer": {"operator": {"admin", "fulfilment"}, "exchange": {"admin"}},
    "endpoint.write": {"service_provider": {"admin"}, "exchange": {"admin"}},
    "message.write": {"service_provider": {"admin", "order_desk", "fault_desk"}, "exchange": {"admin"}},
    "partner_order.answer": {"operator": {"admin", "fulfilment"}},
    "ticket.write": {"service_provider": {"admin", "fault_desk"}},
    "ticket.note": {"service_provider": {"admin", "fault_desk", "order_desk", "governance"}},
    "ticket.report": {"customer": {"admin", "user"}, "service_provider": {"admin", "fault_desk", "order_desk"}},
    "ticket.answer": {"operator": {"admin", "assurance"}},
    "ticket.follow": {
        "service_provider": {"admin", "fault_desk"},
        "customer": {"admin"},
        "operator": {"admin", "assurance"},
    },
    "test.run": {"service_provider": {"admin", "fault_desk"}, "customer": {"admin", "user"}},
    "outage.write": {"service_provider": {"admin", "fault_desk"}},
    "outage.report": {"customer": {"admin"}, "service_provider": {"admin", "fault_desk"}},
    "knowledge.write": {"service_provider": {"admin", "fault_desk"}, "exchange": {"admin"}},
    "knowledge.approve": {"service_provider": {"admin", "governance"}, "exchange": {"admin"}},
    "guide.write": {"service_provider": {"admin"}, "exchange": {"admin"}},
    "compensation.write": {"service_provider": {"admin", "finance"}},
    "desk.configure": {"service_provider": {"admin"}, "exchange": {"admin"}},
    "widget.write": {"service_provider": {"admin"}},
    "audit.read": {
        "service_provider": {"admin", "governance"},
        **{kind: {"admin"} for kind in ("operator", "customer", "exchange")},
    },
    "member.write": {kind: {"admin"} for kind in ("service_provider", "operator", "customer", "exchange")},
}

# The same in words, for a refusal: "Your role, Read only, may not …".
CAPABILITY_WORDS = {
    "order.write": "place, change or cancel orders",
    "order.note": "write notes on orders",
    "order.ask": "ask about orders here",
    "visit.move": "move an engineer's visit here",
    "rule.write": "change the order rules",
    "coverage.write": "publish coverage",
    "agreement.write": "change agreements",
    "endpoint.write": "change endpoints",
    "message.write": "send, repeat or settle messages",
    "partner_order.answer": "answer partner orders",
    "member.write": "change people and their roles",
    "agreement.answer": "answer requests for an agreement",
    "audit.read": "read the audit log",
    "search.bulk": "look up many places at once",
    "ticket.write": "work on tickets",
    "ticket.note": "write notes on tickets",
    "ticket.report": "report faults and answer about them",
    "ticket.answer": "answer faults raised with the operator",
    "ticket.follow": "have other systems told of faults",
    "test.run": "run service tests",
    "outage.write": "declare, update or clear outages",
    "outage.report": "report outages",
    "knowledge.write": "write known errors",
    "knowledge.approve": "approve known errors",
    "guide.write": "edit guides",
    "compensation.write": "say which customers are owed compensation",
    "desk.configure": "change checklists, macros and fault rules",
    "widget.write": "change the widget and its keys",
}


def may(user: Any, capability: str) -> bool:
    """Whether the user, in the organisation they act in, holds the capability. Raises KeyError for an unknown one."""
    acting: Any = getattr(user, "acting", None)
    roles = CAPABILITIES[capability]
    return acting is not None and acting.role in roles.get(acting.organisation.kind, set())


def refusal(user: Any, capability: str) -> str:
    """What somebody without the capability is told: what is not allowed, and who may do it. No codes."""
    what = CAPABILITY_WORDS.get(capability, "do this")
    acting: Any = getattr(user, "acting", None)
    if acting is None:
        return f"You act for no organisation, so you may not {what}. Ask the administrator of yours to add you."
    holders = CAPABILITIES[capability]
    roles = holders.get(acting.organisation.kind)
    if not roles:
        kinds = _labels(acting.organisation, "kind", holders)
        return f"{acting.organisation} may not {what}. That is for people of another kind of organisation: {kinds}."
    named = _labels(acting, "role", roles)
    return f"Your role, {acting.get_role_display()}, may not {what}. At {acting.organisation} these may: {named}."


def _labels(row: Any, field: str, values: Iterable[str]) -> str:
    words = dict(row._meta.get_field(field).flatchoices)
    return ", ".join(words[value] for value in words if value in set(values))


def permit(user: Any, capability: str) -> None:
    """Raise PermissionDenied (403) unless the user holds the capability. `None` is the system itself."""
    if user is not None and not may(user, capability):
        raise PermissionDenied(refusal(user, capability))


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset with the scoped door. Subclasses say in `scope` what each kind of organisation sees."""

    def visible_to(self, user: Any) -> Self:
        """Rows that the user may see while acting for their organisation; none without one."""
        acting = getattr(user, "acting", None)
        if acting is None or not user.is_active:
            return self.none()
        if acting.organisation.kind == "exchange":
            return self.all()
        return self.scope(acting)

    def scope(self, acting: Any) -> Self:
        """The rows of one acting membership. The default: rows whose `organisation` is the acting one."""
        return self.filter(organisation_id=acting.organisation_id)


def still_visible(row: M, user: Any) -> M:
    """Check scope again after a write, inside its transaction. Raises PermissionDenied when the row left the scope."""
    manager: Any = type(row)._default_manager
    if user is not None and not manager.visible_to(user).filter(pk=row.pk).exists():
        raise PermissionDenied("After this change the record would no longer be yours.")
    return row
