"""`fields=`: which attributes an answer holds. `id` and `href` always stay; `none` leaves only them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ofx.tmf.rest.errors import invalid

ALWAYS = ("id", "href")
Tree = dict[str, "Tree"]


@dataclass(frozen=True)
class Fields:
    """What was asked for. `tree` None: everything."""

    tree: Tree | None = None

    @property
    def names(self) -> set[str] | None:
        """First-level attributes that are needed; None for all."""
        return None if self.tree is None else {*self.tree, *ALWAYS}

    def cut(self, document: dict[str, Any], keep: Iterable[str] = ()) -> dict[str, Any]:
        """The document without what was not asked for. `keep`: attributes that the version demands on each object."""
        return document if self.tree is None else _cut(document, self.tree, (*ALWAYS, *keep))


def read_fields(texts: list[str], known: Iterable[str]) -> Fields:
    """`fields` as given, once or repeated. Raises ValidationError naming an attribute that the resource lacks."""
    paths = [path.strip() for text in texts for path in text.split(",") if path.strip()]
    if not paths:
        return Fields()
    names = set(known)
    tree: Tree = {}
    for path in paths:
        if path == "none":
            continue
        first = path.partition(".")[0]
        if first not in names:
            raise invalid("fields", f"There is no attribute {first[:60]!r} here.")
        branch = tree
        for part in path.split(".")[:10]:
            branch = branch.setdefault(part, {})
    return Fields(tree)


def _cut(value: Any, tree: Tree, keep: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_cut(one, tree, keep) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _cut(inner, tree[name], keep) if tree.get(name) else inner
        for name, inner in value.items()
        if name in tree or name in keep
    }
