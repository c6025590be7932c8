"""What can be watched: each package registers how one kind of reference is found in its own `watching.py`.

The kernel knows no telecom word, so it asks the registered resolver what `order:17` is called, where it is shown, and
whether the person may see it at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Seen:
    """A thing that a person may see: what it is called and where it is shown."""

    subject: str
    label: str
    url: str


Resolver = Callable[[Any, list[int]], list[Seen]]
_RESOLVERS: dict[str, Resolver] = {}


def watchable(kind: str) -> Callable[[Resolver], Resolver]:
    """Register `f(user, pks) -> [Seen]` for references `kind:pk`; what the user may not see is left out."""

    def register(resolver: Resolver) -> Resolver:
        _RESOLVERS[kind] = resolver
        return resolver

    return register


def seen(user: Any, subjects: list[str]) -> list[Seen]:
    """Those of the subjects that the user may see, one query a kind; nonsense and unknown kinds are left out."""
    by_kind: dict[str, list[int]] = {}
    for subject in subjects:
        kind, _, number = subject.partition(":")
        if kind in _RESOLVERS and number.isdigit() and len(number) <= 18:
            by_kind.setdefault(kind, []).append(int(number))
    return [one for kind, numbers in by_kind.items() for one in _RESOLVERS[kind](user, numbers)]
