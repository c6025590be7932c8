"""A graph as a drawing: layers from the start down, laid out here so that no script is needed. Pure."""

from dataclasses import dataclass, field

from ticketing.guides.graph import TYPES, Graph, Node, branches_of, nodes_of, reachable, targets
from ticketing.guides.queries import Passing

WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 172, 66, 26, 46, 16
LETTERS = 25


@dataclass(frozen=True)
class Box:
    """One node where it stands."""

    name: str
    kind: str
    label: str
    title: str
    x: int
    y: int
    bad: bool
    passing: Passing
    left_width: int
    fixed_width: int


@dataclass(frozen=True)
class Line:
    """One way between two nodes."""

    path: str
    words: str
    x: int
    y: int
    back: bool


@dataclass(frozen=True)
class Drawing:
    """All of it, with its size in pixels."""

    width: int
    height: int
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def _layers(graph: Graph) -> dict[str, int]:
    """How many nodes lie before each one at least; what nothing leads to comes last."""
    nodes = nodes_of(graph)
    depth: dict[str, int] = {}
    level = [str(graph.get("start", ""))]
    while level:
        for name in level:
            depth.setdefault(name, max(depth.values(), default=-1) + 1 if name == level[0] else depth[level[0]])
        level = list(dict.fromkeys(t for name in level for t in targets(nodes.get(name, {})) if t not in depth))
    last = max(depth.values(), default=0) + 1
    return {name: depth.get(name, last) for name in nodes}


def _places(graph: Graph) -> dict[str, tuple[int, int]]:
    order = [*reachable(graph), *(name for name in nodes_of(graph) if name not in set(reachable(graph)))]
    depth = _layers(graph)
    rows: dict[int, list[str]] = {}
    for name in order:
        rows.setdefault(depth[name], []).append(name)
    widest = max((len(row) for row in rows.values()), default=1)
    places = {}
    for level, row in rows.items():
        indent = (widest - len(row)) * (WIDTH + GAP_X) // 2
        for column, name in enumerate(row):
            places[name] = (EDGE + indent + column * (WIDTH + GAP_X), EDGE + level * (HEIGHT + GAP_Y))
    return places


def words_of(row: dict) -> str:
    """A condition, short enough to stand at a line."""
    value = row.get("value")
    text = " or ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    sign = {"is_not": "not ", "over": "> ", "under": "< "}.get(str(row.get("is")), "")
    fact = str(row.get("fact", ""))
    return f"{fact}: {sign}{text}" if fact.startswith(("test.", "service.")) else f"{sign}{text}"


def _ways(node: Node) -> list[tuple[str, str]]:
    """(target, words) of each way out, one a target."""
    found: dict[str, list[str]] = {}
    for row in branches_of(node):
        found.setdefault(str(row.get("to", "")), []).append(words_of(row))
    if node.get("next") and targets(node):
        found.setdefault(str(node["next"]), []).append("else" if branches_of(node) else "")
    return [(name, ", ".join(word for word in words if word)) for name, words in found.items()]


def _line(start: tuple[int, int], end: tuple[int, int], words: str) -> Line:
    x1, y1, x2, y2 = start[0] + WIDTH // 2, start[1] + HEIGHT, end[0] + WIDTH // 2, end[1]
    if y2 > start[1]:
        bend = max(18, (y2 - y1) // 2)
        path = f"M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"
        return Line(path, _short(words, 22), (x1 + x2) // 2, (y1 + y2) // 2, False)
    side = max(start[0], end[0]) + WIDTH + 14
    y1, y2 = start[1] + HEIGHT // 2, end[1] + HEIGHT // 2
    path = f"M{start[0] + WIDTH} {y1}C{side} {y1} {side} {y2} {end[0] + WIDTH} {y2}"
    return Line(path, _short(words, 22), side, (y1 + y2) // 2, True)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def draw(graph: Graph, passings: dict[str, Passing] | None = None, bad: set[str] | None = None) -> Drawing:
    """Lay a graph out. `passings`: what happened at each node; `bad`: nodes with a problem."""
    nodes, places, passed = nodes_of(graph), _places(graph), passings or {}
    boxes = [
        _box(name, nodes[name], place, passed.get(name, Passing()), name in (bad or set()))
        for name, place in places.items()
    ]
    lines = [
        _line(places[name], places[target], words)
        for name in places
        for target, words in _ways(nodes[name])
        if target in places
    ]
    right = max([x + WIDTH for x, _ in places.values()] + [line.x for line in lines], default=200)
    bottom = max((y + HEIGHT for _, y in places.values()), default=100)
    return Drawing(right + 2 * EDGE, bottom + EDGE, boxes, lines)


def _box(name: str, node: Node, place: tuple[int, int], passing: Passing, bad: bool) -> Box:
    share = (WIDTH - 16) / passing.reached if passing.reached else 0
    kind = str(node.get("type", ""))
    title = str(node.get("title") or node.get("guide") or TYPES.get(kind, kind))
    return Box(
        name, kind, TYPES.get(kind, kind), _short(title, LETTERS), *place, bad, passing,
        int(passing.left * share), int(passing.fixed * share),
    )  # fmt: skip
