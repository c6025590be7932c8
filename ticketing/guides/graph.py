"""A guide's graph: its grammar, and what is wrong with one. Pure; docs/guides.md describes the JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ticketing.guides.pictures import PICTURES
from ticketing.tickets.vocabulary import CHARACTERISTICS

TYPES: dict[str, str] = {
    "start": "Start",
    "question": "Question",
    "guidance": "Instruction",
    "test": "Service test",
    "outage": "Outage check",
    "kedb": "Known errors",
    "linking": "Another guide",
    "appointment": "Appointment",
    "raise": "Raise a ticket",
    "end": "End",
}
LEAVES = ("raise", "end", "linking")  # the way through this guide ends here
KINDS = {"choice": "One of several", "yes_no": "Yes or no", "number": "A number", "text": "Words", "date": "A date"}
OPERATORS = {
    "is": "is",
    "is_not": "is not",
    "one_of": "is one of",
    "over": "is more than",
    "under": "is less than",
}
# What conditions may ask beside the answers of earlier nodes.
FACTS: dict[str, str] = {
    "test.colour": "colour of the last test (green, amber, red)",
    "test.code": "the partner's code of the last test",
    "test.state": "the last test (done, could_not_run, not_testable, declined)",
    "outage": "outage check (hit, none)",
    "kedb": "known errors (worked, none)",
    "digital_voice": "phone runs over this line (yes, no)",
    "service.technology": "access technology of the service (FTTP, …)",
}
CONTEXT = ("digital_voice", "test.colour", "test.code", "test.state", "outage", "kedb", "service.technology")
COLOURS = ("green", "amber", "red")
MOST_NODES = 120

Graph = dict[str, Any]
Node = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and how to put it right."""

    node: str
    text: str

    def __str__(self) -> str:
        return f"{self.node}: {self.text}" if self.node else self.text


class GraphInvalid(ValueError):
    """A graph cannot be published; `problems` names each node and its fix."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(str(one) for one in problems))
        self.problems = problems


def nodes_of(graph: Graph) -> dict[str, Node]:
    """The nodes by id; empty where the graph has none."""
    nodes = graph.get("nodes")
    return nodes if isinstance(nodes, dict) else {}


def branches_of(node: Node) -> list[dict[str, Any]]:
    """The conditional ways out in their order: the lowest priority number is tried first (path priority)."""
    rows = [row for row in node.get("branches", ()) if isinstance(row, dict)]
    return sorted(rows, key=lambda row: int(row.get("priority") or 0))


def targets(node: Node) -> list[str]:
    """Where a node can lead, in path priority, each once."""
    if node.get("type") in LEAVES:
        return []
    found = [str(row.get("to", "")) for row in branches_of(node)]
    found += [str(node["next"])] if node.get("next") else []
    return list(dict.fromkeys(one for one in found if one))


def reachable(graph: Graph) -> list[str]:
    """Ids of the nodes that the start leads to, breadth first."""
    nodes, todo = nodes_of(graph), [str(graph.get("start", ""))]
    seen: dict[str, None] = {}
    while todo:
        name = todo.pop(0)
        if name in nodes and name not in seen:
            seen[name] = None
            todo += targets(nodes[name])
    return list(seen)


def validate(graph: Graph, guides: Iterable[str] = ()) -> list[Problem]:
    """Everything that is wrong with a graph. `guides`: slugs that a linking node may name."""
    if not isinstance(graph, dict) or not nodes_of(graph):
        return [Problem("", "The guide has no nodes. Add a start.")]
    nodes = nodes_of(graph)
    found = list(_whole(graph, nodes))
    for name, node in nodes.items():
        found += [Problem(name, text) for text in _node({**node, "id": name}, nodes, set(guides))]
    if not found:
        found += list(_ways(graph, nodes))
    return found


def _whole(graph: Graph, nodes: dict[str, Node]) -> Iterator[Problem]:
    starts = [name for name, node in nodes.items() if node.get("type") == "start"]
    if len(nodes) > MOST_NODES:
        yield Problem("", f"It has {len(nodes)} nodes; at most {MOST_NODES} can be kept apart. Link another guide.")
    if len(starts) != 1:
        yield Problem("", "A guide has exactly one start." if starts else "The start is missing. Add a start.")
    elif graph.get("start") != starts[0]:
        yield Problem(starts[0], "This start is not where the guide begins. Save it again.")


def _node(node: Node, nodes: dict[str, Node], guides: set[str]) -> Iterator[str]:
    kind = node.get("type")
    if kind not in TYPES:
        yield f"“{kind}” is no kind of node. Choose one of: {', '.join(TYPES.values())}."
        return
    if kind not in ("start", "linking", "outage") and not str(node.get("title", "")).strip():
        yield "It has no heading. Write what the reader sees."
    if node.get("picture") and node["picture"] not in PICTURES:
        yield f"There is no picture “{node['picture']}”. Choose one of the list."
    yield from _leads(node, nodes)
    yield from _special(node, guides)


def _leads(node: Node, nodes: dict[str, Node]) -> Iterator[str]:
    for name in targets(node):
        if name not in nodes:
            yield f"It leads to “{name}”, which does not exist. Choose another node or add it."
    if node["type"] in LEAVES:
        return
    for row in branches_of(node):
        yield from _condition(row, nodes)
    if not node.get("next") and not _covered(node):
        yield "It leads nowhere when no branch fits. Choose what comes otherwise."


def _condition(row: dict[str, Any], nodes: dict[str, Node]) -> Iterator[str]:
    fact, operator = row.get("fact"), row.get("is", "is")
    if not row.get("to"):
        yield "A branch leads nowhere. Choose its target or remove it."
    if fact not in FACTS and fact not in nodes:
        yield f"A branch asks for “{fact}”, which is neither a node nor a known fact. Choose one of the list."
    if operator not in OPERATORS:
        yield f"A branch compares by “{operator}”. Choose one of: {', '.join(OPERATORS.values())}."
    if row.get("value") in (None, "", []):
        yield "A branch compares with nothing. Write a value."
    if operator in ("over", "under") and not _number(row.get("value")):
        yield f"A branch compares “{row.get('value')}” as a number. Write a number."
    asked = nodes.get(str(fact), {})
    if asked.get("answer") == "choice":
        known = {str(one.get("value")) for one in asked.get("choices", ())}
        for value in _values(row):
            if value not in known:
                yield f"A branch waits for “{value}”, which is no answer of “{fact}”. Use one of: {', '.join(known)}."


def _number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _values(row: dict[str, Any]) -> list[str]:
    value = row.get("value")
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _covered(node: Node) -> bool:
    """Whether the branches leave no case open: every choice, yes and no."""
    if node["type"] != "question":
        return False
    wanted = {"yes", "no"} if node.get("answer") == "yes_no" else {str(c.get("value")) for c in node.get("choices", ())}
    own = [row for row in branches_of(node) if row.get("fact") == node.get("id") and row.get("is") in ("is", "one_of")]
    return bool(wanted) and wanted <= {value for row in own for value in _values(row)}


def _special(node: Node, guides: set[str]) -> Iterator[str]:
    kind = node["type"]
    if kind == "question":
        yield from _question(node)
    if kind == "linking" and node.get("guide") not in guides:
        yield f"It jumps to the guide “{node.get('guide', '')}”, which is not published. Choose another."
    if kind == "end" and node.get("outcome") not in ("fixed", "not"):
        yield "It does not say how it ends. Choose fixed or not fixed."
    for code in node.get("set", {}):
        if code not in CHARACTERISTICS:
            yield f"“{code}” is no characteristic of a fault. Choose one of the list."


def _question(node: Node) -> Iterator[str]:
    if node.get("answer") not in KINDS:
        yield "It does not say what kind of answer it takes. Choose one."
    if node.get("code") and node["code"] not in CHARACTERISTICS and node["code"] != "digital_voice":
        yield f"“{node['code']}” is no characteristic of a fault. Choose one of the list."
    if node.get("answer") != "choice":
        return
    choices = [one for one in node.get("choices", ()) if isinstance(one, dict)]
    if len(choices) < 2:
        yield "A choice needs two answers or more. Add answers."
    if len({str(one.get("value")) for one in choices}) != len(choices):
        yield "Two answers have the same value. Make each its own."
    for one in choices:
        if not one.get("value") or not one.get("label"):
            yield "An answer has no value or no words. Fill in both."
        if one.get("picture") and one["picture"] not in PICTURES:
            yield f"There is no picture “{one['picture']}”. Choose one of the list."


def _ways(graph: Graph, nodes: dict[str, Node]) -> Iterator[Problem]:
    """Nodes that nothing leads to, and loops that nothing leads out of."""
    seen = set(reachable(graph))
    for name in nodes:
        if name not in seen:
            yield Problem(name, "Nothing leads to it. Lead a node here or remove it.")
    ending = {name for name in seen if nodes[name]["type"] in LEAVES}
    grew = True
    while grew:
        more = {name for name in seen - ending if ending & set(targets(nodes[name]))}
        grew, ending = bool(more), ending | more
    for name in sorted(seen - ending):
        yield Problem(name, "From here no way leads to an end: a loop without an exit. Lead one of its nodes out.")
    if not any(nodes[name]["type"] in ("raise", "linking") for name in seen):
        yield Problem("", "No way leads to a ticket: who is not helped would stand alone. Add a node that raises one.")
