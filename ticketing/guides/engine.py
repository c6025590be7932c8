"""Which node comes next: pure, no rows and no clock."""

from typing import Any

from ticketing.guides.graph import Graph, Node, branches_of, nodes_of

Facts = dict[str, str]


def holds(row: dict[str, Any], facts: Facts) -> bool:
    """Whether a branch's condition holds. A fact that is not known never holds, not even for `is_not`."""
    known = facts.get(str(row.get("fact", "")))
    if known is None:
        return False
    operator, wanted = row.get("is", "is"), row.get("value")
    if operator in ("over", "under"):
        return _compares(known, wanted, operator)
    values = [str(one).casefold() for one in (wanted if isinstance(wanted, list) else str(wanted).split("|"))]
    inside = known.casefold() in values
    return not inside if operator == "is_not" else inside


def _compares(known: str, wanted: Any, operator: str) -> bool:
    try:
        left, right = float(known), float(wanted)
    except (TypeError, ValueError):
        return False
    return left > right if operator == "over" else left < right


def follow(node: Node, facts: Facts) -> str:
    """The id of the next node: the first branch by priority that holds, else `next`; empty at an end."""
    for row in branches_of(node):
        if holds(row, facts):
            return str(row["to"])
    return str(node.get("next", ""))


def skipped(node: Node, facts: Facts) -> str:
    """Why a node is passed over, empty where it is shown. R19: no restart for somebody whose phone hangs on it."""
    if node.get("reboot") and facts.get("digital_voice") == "yes":
        return "digital_voice"
    return ""


def remaining(graph: Graph, at: str) -> int:
    """The fewest nodes from here to an end, for the progress bar."""
    nodes, level, seen, steps = nodes_of(graph), [at], {at}, 0
    while level:
        outs: list[str] = []
        for name in level:
            node = nodes.get(name, {})
            ways = [str(row.get("to")) for row in branches_of(node)] + [str(node.get("next", ""))]
            ways = [one for one in ways if one in nodes]
            if not ways:
                return steps
            outs += [one for one in ways if one not in seen]
            seen |= set(outs)
        level, steps = outs, steps + 1
    return steps
