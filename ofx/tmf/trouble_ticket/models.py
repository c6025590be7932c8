"""What a caller's system sent with a ticket."""

from django.db import models
from django.db.models import Q

from ofx.tmf.sent import Sent
from ticketing.models import Ticket


class BuyerTicket(Sent):
    """A ticket as it was sent: its words for type, wanted date and relations."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="buyer_ticket")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "external_id"], condition=~Q(external_id=""), name="buyer_ticket_once"
            )
        ]
