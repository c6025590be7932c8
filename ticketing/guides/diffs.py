"""What changed between two versions of a guide: node by node. Pure."""

from dataclasses import dataclass, field
from typing import Any

from ticketing.guides.drawing import words_of
from ticketing.guides.graph import Graph, Node, branches_of, nodes_of

WORDS = {"next": "otherwise", "branches": "branches", "choices": "answers", "steps": "steps", "set": "notes down"}


@dataclass(frozen=True)
class Change:
    """One node that differs: added, removed or changed, with each field before and after."""

    name: str
    kind: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)


def said(node: Node, name: str) -> str:
    """A field of a node as people read it."""
    value: Any = node.get(name, "")
    if name == "branches":
        return "; ".join(f"{words_of(row)} → {row.get('to')}" for row in branches_of(node))
    if name == "choices":
        return "; ".join(f"{one.get('label')} ({one.get('value')})" for one in value)
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {one}" for key, one in value.items())
    return str(value)


def changes(before: Graph, after: Graph) -> list[Change]:
    """Nodes that differ, in the order of the newer version, removed ones last."""
    old, new = nodes_of(before), nodes_of(after)
    found = []
    for name, node in new.items():
        if name not in old:
            found.append(Change(name, "added", [(_label(key), "", said(node, key)) for key in node]))
        elif node != old[name]:
            keys = [key for key in {**old[name], **node} if said(old[name], key) != said(node, key)]
            found.append(
                Change(name, "changed", [(_label(key), said(old[name], key), said(node, key)) for key in keys])
            )
    gone = [name for name in old if name not in new]
    return found + [Change(name, "removed", [(_label(k), said(old[name], k), "") for k in old[name]]) for name in gone]


def _label(key: str) -> str:
    return WORDS.get(key, key.replace("_", " "))
