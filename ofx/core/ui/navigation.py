"""The rail: every package registers its entries in its own `navigation.py`; this module only keeps them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True)
class Entry:
    """One place in the rail. Empty `kinds` or `roles` mean everybody; a url name that does not resolve is left out."""

    label: str
    icon: str
    url_name: str
    position: int = 50
    kinds: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    def fits(self, acting: Any) -> bool:
        """Whether the acting membership is offered this entry."""
        return (not self.kinds or acting.organisation.kind in self.kinds) and (
            not self.roles or acting.role in self.roles
        )


@dataclass(frozen=True)
class Link:
    """An entry as the page shows it."""

    label: str
    icon: str
    url: str
    here: bool


_entries: dict[str, Entry] = {}


def register(
    label: str,
    icon: str,
    url_name: str,
    *,
    position: int = 50,
    kinds: tuple[str, ...] = (),
    roles: tuple[str, ...] = (),
) -> None:
    """Offer a place in the rail; a second registration of the same url name replaces the first."""
    _entries[url_name] = Entry(label, icon, url_name, position, frozenset(kinds), frozenset(roles))


@cache
def _discovered() -> bool:
    autodiscover_modules("navigation")
    return True


def resolve(url_name: str) -> str:
    """The address of a url name, or an empty text where no such page exists."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def links(request: HttpRequest, acting: Any) -> list[Link]:
    """The rail of a membership in order, the longest address that the page lies under marked as `here`."""
    _discovered()
    found = list(_offered(acting))
    under = [url for _, url in found if request.path == url or (url != "/" and request.path.startswith(url))]
    here = max(under, key=len, default="")
    return [Link(entry.label, entry.icon, url, url == here) for entry, url in found]


def _offered(acting: Any) -> Iterator[tuple[Entry, str]]:
    for entry in sorted(_entries.values(), key=lambda entry: entry.position):
        url = resolve(entry.url_name) if entry.fits(acting) else ""
        if url:
            yield entry, url
