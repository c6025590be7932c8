"""An offer → the items that it needs, by rules that are data (issue part 5, DOMAIN S2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from ofx.core.models import Organisation
from ofx.orders.models import DecompositionRule, ServiceRecord
from partners.models import Offering

DEEPEST = 3


@dataclass(frozen=True, kw_only=True)
class Line:
    """Something that a person chose."""

    offering: Offering
    quantity: int = 1
    action: str = "add"
    about: ServiceRecord | None = None  # of a modify or delete: the live service
    characteristics: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Planned:
    """An item to be: a chosen line, or one that a rule added. `after`: positions that must be completed first."""

    line: Line
    rule: DecompositionRule | None = None
    after: list[int] = field(default_factory=list)
    comes_with: DecompositionRule | None = None  # the optional rule without which it would not be there


def rules_for(organisation: Organisation) -> list[DecompositionRule]:
    """Active rules of the tenant and of all."""
    rows = DecompositionRule.objects.filter(Q(organisation=None) | Q(organisation=organisation), active=True)
    return list(rows.select_related("add_offering__operator", "when_offering").order_by("pk"))


def optional_rules(organisation: Organisation, offerings: Iterable[Offering]) -> list[DecompositionRule]:
    """Related items that a person may tick for these offers, those of forced items included."""
    found: dict[int, DecompositionRule] = {}
    rules = rules_for(organisation)
    wave, seen = list(offerings), set()
    while wave:
        offering = wave.pop()
        if offering.pk in seen:
            continue
        seen.add(offering.pk)
        for rule in _matching(rules, offering):
            wave.append(rule.add_offering)
            if rule.optional:
                found[rule.pk] = rule
    return list(found.values())


def decompose(organisation: Organisation, lines: Sequence[Line], ticked: Iterable[int] = ()) -> list[Planned]:
    """The lines and what rules add to them, with dependencies; an offering that is there is not added again."""
    rules, chosen = rules_for(organisation), set(ticked)
    plan = [Planned(line=line) for line in lines]
    depth = dict.fromkeys(range(len(plan)), 0)
    number = 0
    while number < len(plan):
        new = plan[number].line.action == "add"
        for rule in _matching(rules, plan[number].line.offering) if new else ():
            if (not rule.optional or rule.pk in chosen) and depth[number] < DEEPEST:
                _add(plan, depth, number, rule)
        number += 1
    return plan


def _matching(rules: list[DecompositionRule], offering: Offering) -> list[DecompositionRule]:
    return [
        rule
        for rule in rules
        if rule.add_offering_id != offering.pk
        and (rule.when_offering_id in (None, offering.pk))
        and (rule.when_kind in ("", offering.kind))
    ]


def _add(plan: list[Planned], depth: dict[int, int], main: int, rule: DecompositionRule) -> None:
    same = [n for n, item in enumerate(plan) if item.line.offering.pk == rule.add_offering_id]
    if same:
        added = same[0]
    else:
        added = len(plan)
        depth[added] = depth[main] + 1
        quantity = rule.quantity * plan[main].line.quantity
        plan.append(Planned(line=Line(offering=rule.add_offering, quantity=quantity), rule=rule))
    first, second = {"after": (main, added), "before": (added, main)}.get(rule.order_dependency, (None, None))
    if first is not None and second is not None and not _leads(plan, second, first):
        plan[second].after.append(first)


def _leads(plan: list[Planned], start: int, goal: int) -> bool:
    """Whether `goal` already waits, directly or not, for `start`: another edge would close a circle."""
    wave: list[Any] = [goal]
    while wave:
        number = wave.pop()
        if number == start:
            return True
        wave.extend(plan[number].after)
    return False
