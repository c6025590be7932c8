"""Addresses of the served Open APIs, below /tmf-api/."""

from django.urls import URLPattern, re_path

from ofx.tmf.hub.api import Hub
from ofx.tmf.product_order.api import CancelProductOrders, ProductOrders
from ofx.tmf.rest.routing import Nowhere, routes

HUB = (Hub, "post get delete")

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
    re_path(r"^(?P<rest>.*)$", Nowhere.as_view(), name="tmf-nowhere"),
]
