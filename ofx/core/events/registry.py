"""Who listens to which event. Filled once at start by each package's subscribers.py."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Handler = Callable[[Any], None]
_SUBSCRIBERS: dict[str, dict[str, Handler]] = defaultdict(dict)


def on(*names: str) -> Callable[[Handler], Handler]:
    """Register a handler `f(event)` for the named events. Its effects and the Handled row commit together."""

    def register(handler: Handler) -> Handler:
        for name in names:
            _SUBSCRIBERS[name][f"{handler.__module__}.{handler.__qualname__}"] = handler
        return handler

    return register


def subscribers(name: str) -> dict[str, Handler]:
    """Subscriber key → handler of an event name; empty where nobody listens."""
    return _SUBSCRIBERS.get(name, {})


def all_names() -> set[str]:
    """Every event name that somebody listens to."""
    return set(_SUBSCRIBERS)
