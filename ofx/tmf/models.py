"""What the served TM Forum APIs keep."""

from ofx.tmf.appointment.models import BuyerVisit
from ofx.tmf.hub.models import Notification, Subscription
from ofx.tmf.inquiry.models import Inquiry
from ofx.tmf.product_order.models import BuyerOrder, CancelTask
from ofx.tmf.service_problem.models import BuyerProblem, GroupTask, ProblemLink
from ofx.tmf.service_test.models import BuyerTest
from ofx.tmf.trouble_ticket.models import BuyerTicket

__all__ = [
    "BuyerOrder",
    "BuyerProblem",
    "BuyerTest",
    "BuyerTicket",
    "BuyerVisit",
    "CancelTask",
    "GroupTask",
    "Inquiry",
    "Notification",
    "ProblemLink",
    "Subscription",
]
