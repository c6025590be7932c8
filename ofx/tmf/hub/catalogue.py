"""Which events each API can tell of: API → event type → the versions that know it."""

from collections.abc import Mapping

BOTH = ("v4", "v5")
EVENTS: dict[str, dict[str, tuple[str, ...]]] = {}
# Who may subscribe; to the other APIs whoever places orders may.
CAPABILITIES = dict.fromkeys(("troubleTicket", "serviceProblemManagement", "serviceTestManagement"), "ticket.follow")


def register(api: str, events: Mapping[str, tuple[str, ...]]) -> None:
    """Name the events of an API."""
    EVENTS.setdefault(api, {}).update(events)


def capability_of(api: str) -> str:
    """What a role must hold to subscribe to an API."""
    return CAPABILITIES.get(api, "order.write")


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

register(
    "troubleTicket",
    {
        f"TroubleTicket{change}Event": BOTH
        for change in ("Create", "AttributeValueChange", "StatusChange", "Delete", "Resolved", "InformationRequired")
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
    "serviceProblemManagement": {
        "ServiceProblem": ("Create", "StateChange", "AttributeValueChange", "InformationRequired")
    },
    "serviceTestManagement": {"ServiceTest": KINDS},
}
for name, resources in CHANGES.items():
    for resource, changes in resources.items():
        register(name, {f"{resource}{change}Event": V4 for change in changes})
