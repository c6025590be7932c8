"""Addresses of the served Open APIs, below /tmf-api/."""

from django.urls import URLPattern, re_path

from ofx.tmf.appointment.api import Appointments, SearchTimeSlots
from ofx.tmf.catalog.api import Categories, ProductOfferingPrices, ProductOfferings, ProductSpecifications
from ofx.tmf.geographic_address.api import GeographicAddresses, GeographicAddressValidations
from ofx.tmf.hub.api import ConsumerHub, FaultHub, Hub
from ofx.tmf.inventory.api import Products
from ofx.tmf.product_order.api import CancelProductOrders, ProductOrders
from ofx.tmf.qualification.api import (
    CheckServiceQualifications,
    ProductOfferingQualifications,
    QueryServiceQualifications,
)
from ofx.tmf.quote.api import Quotes
from ofx.tmf.rest.routing import Nowhere, routes
from ofx.tmf.service_problem.api import ProblemGroups, ProblemUngroups, ServiceProblems
from ofx.tmf.service_test.api import ServiceTests
from ofx.tmf.trouble_ticket.api import TroubleTickets

HUB = (Hub, "post get delete")
READ, ALL = "list get", "list post get patch delete"

urlpatterns: list[URLPattern] = [
    *routes(
        "productOrderingManagement",
        ("v4", "v5"),
        {
            "productOrder": (ProductOrders, "list post get patch delete"),
            "cancelProductOrder": (CancelProductOrders, "list post get"),
            "hub": HUB,
        },
    ),
    *routes(
        "geographicAddressManagement",
        ("v4",),
        {
            "geographicAddress": (GeographicAddresses, READ),
            "geographicAddressValidation": (GeographicAddressValidations, "list post get patch"),
            "hub": HUB,
        },
    ),
    *routes(
        "productOfferingQualification",
        ("v4",),
        {"productOfferingQualification": (ProductOfferingQualifications, ALL), "hub": HUB},
    ),
    *routes(
        "serviceQualificationManagement",
        ("v4",),
        {
            "checkServiceQualification": (CheckServiceQualifications, ALL),
            "queryServiceQualification": (QueryServiceQualifications, ALL),
            "hub": HUB,
        },
    ),
    *routes(
        "productCatalogManagement",
        ("v4",),
        {
            "category": (Categories, READ),
            "productOffering": (ProductOfferings, READ),
            "productOfferingPrice": (ProductOfferingPrices, READ),
            "productSpecification": (ProductSpecifications, READ),
            "hub": HUB,
        },
    ),
    *routes("quoteManagement", ("v4",), {"quote": (Quotes, ALL), "hub": HUB}),
    *routes(
        "appointment",
        ("v4",),
        {"appointment": (Appointments, ALL), "searchTimeSlot": (SearchTimeSlots, ALL), "hub": HUB},
    ),
    *routes("productInventory", ("v4",), {"product": (Products, READ), "hub": HUB}),
    *routes(
        "troubleTicket",
        ("v4", "v5"),
        {"troubleTicket": (TroubleTickets, ALL), "hub": (FaultHub, "post get delete")},
    ),
    *routes(
        "serviceTestManagement",
        ("v4",),
        {"serviceTest": (ServiceTests, ALL), "hub": (ConsumerHub, "post get delete")},
    ),
    *routes(
        "serviceProblemManagement",
        ("v4",),
        {
            "serviceProblem": (ServiceProblems, ALL),
            "problemGroup": (ProblemGroups, "post"),
            "problemUngroup": (ProblemUngroups, "post"),
            "hub": (ConsumerHub, "post get delete"),
        },
    ),
    re_path(r"^(?P<rest>.*)$", Nowhere.as_view(), name="tmf-nowhere"),
]
