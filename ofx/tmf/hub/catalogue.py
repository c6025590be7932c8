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

V4 = ("v4",)
KINDS = ("Create", "AttributeValueChange", "StateChange", "Delete")
# API → its resources with the changes that the official v4 files know.
CHANGES: dict[str, dict[str, tuple[str, ...]]] = {
    "geographicAddressManagement": {"GeographicAddressValidation": ("StateChange",)},
    "productOfferingQualification": {"ProductOfferingQualification": (*KINDS, "InformationRequired")},
    "serviceQualificationManagement": {
        "CheckServiceQualification": (*KINDS, "InformationRequired"),
        "QueryServiceQualification": ("Create", "StateChange", "Delete"),
    },
    "productCatalogManagement": dict.fromkeys(
        ("Category", "ProductOffering", "ProductOfferingPrice", "ProductSpecification"), KINDS
    ),
    "quoteManagement": {"Quote": (*KINDS, "InformationRequired")},
    "appointment": {"Appointment": KINDS, "SearchTimeSlot": KINDS},
    "productInventory": {"Product": (*KINDS, "Batch")},
}
for name, resources in CHANGES.items():
    for resource, changes in resources.items():
        register(name, {f"{resource}{change}Event": V4 for change in changes})
