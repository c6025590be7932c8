"""Which events each API can tell of: API → event type → the versions that know it."""

from collections.abc import Mapping

BOTH = ("v4", "v5")
EVENTS: dict[str, dict[str, tuple[str, ...]]] = {}


def register(api: str, events: Mapping[str, tuple[str, ...]]) -> None:
    """Name the events of an API."""
    EVENTS.setdefault(api, {}).update(events)


def events_of(api: str, version: str) -> list[str]:
    """Event types that a subscription to this API's version may get."""
    return [name for name, versions in EVENTS.get(api, {}).items() if version in versions]


register(
    "productOrderingManagement",
    {
        "ProductOrderCreateEvent": BOTH,
        "ProductOrderAttributeValueChangeEvent": BOTH,
        "ProductOrderDeleteEvent": BOTH,
        "ProductOrderStateChangeEvent": BOTH,
        "ProductOrderInformationRequiredEvent": BOTH,
        "ProductOrderErrorMessageEvent": ("v5",),
        "ProductOrderJeopardyAlertEvent": ("v5",),
        "ProductOrderMilestoneEvent": ("v5",),
        "CancelProductOrderCreateEvent": BOTH,
        "CancelProductOrderStateChangeEvent": BOTH,
        "CancelProductOrderInformationRequiredEvent": BOTH,
    },
)
