"""What the served TM Forum APIs keep."""

from ofx.tmf.hub.models import Notification, Subscription
from ofx.tmf.product_order.models import BuyerOrder, CancelTask

__all__ = ["BuyerOrder", "CancelTask", "Notification", "Subscription"]
