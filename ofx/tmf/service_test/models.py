"""What a caller's system sent with a test."""

from django.db import models

from ofx.tmf.sent import Sent
from ticketing.models import ServiceTest


class BuyerTest(Sent):
    """A test as it was sent: its name, description and specification."""

    test = models.OneToOneField(ServiceTest, on_delete=models.CASCADE, related_name="buyer_test")
