"""What the served TM Forum APIs keep."""

from ofx.tmf.appointment.models import BuyerVisit
from ofx.tmf.hub.models import Notification, Subscription
from ofx.tmf.inquiry.models import Inquiry
from ofx.tmf.product_order.models import BuyerOrder, CancelTask

__all__ = ["BuyerOrder", "BuyerVisit", "CancelTask", "Inquiry", "Notification", "Subscription"]
