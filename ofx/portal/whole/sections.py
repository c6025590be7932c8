"""A 360° page is a header and sections. Each package that has something to show registers a section of its own.

So faults and clocks find their place beside orders, services, messages, people and money without this package being
changed: they register a function for the kind of page, and it is asked in the order of `position`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

KINDS = ("customer", "site", "service", "operator")


@dataclass(frozen=True)
class Asked:
    """What a section is made from: who looks, at what, when. `thing` is the row or, for a site, a Site."""

    user: Any
    thing: Any
    at: datetime


@dataclass(frozen=True)
class Section:
    """One box of the page. `count` in words stands in the headline; `url` leads to all of it."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    icon: str = "list"
    count: str = ""
    url: str = ""
    wide: bool = False


Maker = Callable[[Asked], Section | None]
_MAKERS: dict[str, list[tuple[int, Maker]]] = {kind: [] for kind in KINDS}


def section(*kinds: str, position: int = 50) -> Callable[[Maker], Maker]:
    """Register a section for kinds of page. Raises KeyError for an unknown kind."""

    def register(maker: Maker) -> Maker:
        for kind in kinds:
            _MAKERS[kind].append((position, maker))
        return maker

    return register


def sections_of(kind: str, asked: Asked) -> list[Section]:
    """The sections of a page, in order; a maker that answers None has nothing to show there."""
    made = (maker(asked) for _, maker in sorted(_MAKERS[kind], key=lambda pair: pair[0]))
    return [one for one in made if one is not None]


MOST_COUNTED = 1000


def counted(rows: Any) -> str:
    """The exact number up to 1,000, then `1,000+`: a count that stays cheap however many there are."""
    number = rows.order_by()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED:,}+" if number > MOST_COUNTED else f"{number:,}"


def cut(rows: Iterable[Any], most: int) -> list[Any]:
    """The first rows of an ordered queryset."""
    return list(rows[:most])  # type: ignore[index]
