"""What buyers' systems are told of."""

from ofx.core.clock import now
from ofx.core.events.models import Event
from ofx.core.events.registry import on
from ofx.tmf.appointment import telling as visits
from ofx.tmf.catalog import telling as catalogue
from ofx.tmf.inquiry import telling as inquiries
from ofx.tmf.inquiry.kinds import KINDS
from ofx.tmf.inventory import telling as inventory
from ofx.tmf.product_order import cancelling, telling
from ofx.tmf.service_problem import telling as problems
from ofx.tmf.service_test import telling as tests
from ofx.tmf.trouble_ticket import telling as tickets


@on(*telling.NAMES)
def tell_buyers(event: Event) -> None:
    """An event of an order becomes notifications; a wish to cancel may have ended with it."""
    telling.fan_out(event, f"{__name__}.tell_buyers")
    if event.name in telling.STATES:
        cancelling.refold(order_id=int(event.payload["order_id"]), at=now())


@on(*inquiries.NAMES)
def tell_of_inquiries(event: Event) -> None:
    """Validations, qualifications, quotes and searches for a slot."""
    inquiries.fan_out(event, f"{__name__}.tell_of_inquiries", KINDS)


@on(*visits.NAMES)
def tell_of_visits(event: Event) -> None:
    """Appointments."""
    visits.fan_out(event, f"{__name__}.tell_of_visits")


@on(*inventory.NAMES)
def tell_of_products(event: Event) -> None:
    """The inventory."""
    inventory.fan_out(event)


@on(*catalogue.NAMES)
def tell_of_offers(event: Event) -> None:
    """The catalogue."""
    catalogue.fan_out(event)


@on(*tickets.NAMES, *tickets.PARTNER_NAMES)
def tell_of_tickets(event: Event) -> None:
    """Faults: the provider's tools, the customer's, and the operators' that have them."""
    tickets.fan_out(event, f"{__name__}.tell_of_tickets")


@on(*tests.NAMES)
def tell_of_tests(event: Event) -> None:
    """Service tests."""
    tests.fan_out(event, f"{__name__}.tell_of_tests")


@on(*problems.NAMES)
def tell_of_problems(event: Event) -> None:
    """Outages."""
    problems.fan_out(event, f"{__name__}.tell_of_problems")
