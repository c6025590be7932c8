"""The product's URLs, and a bare DRF ModelViewSet that inserts one row of a ticket."""

from typing import Any

from django.db import connection
from django.urls import include, path
from django.utils import timezone
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from ticketing.tickets.models import Ticket


class BareTicket(serializers.ModelSerializer[Ticket]):
    class Meta:
        model = Ticket
        fields = ("reference", "title", "service", "fault_class", "contact_name", "created_at")
        read_only_fields = ("reference", "created_at")

    def create(self, data: dict[str, Any]) -> Ticket:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('ticketing_ticket', 'id'))")
            number = int(cursor.fetchone()[0])
        row = Ticket(pk=number, reference=f"TT-{number:06d}", created_at=timezone.now(), **data)
        row.organisation_id = self.context["request"].user.acting.organisation_id
        row.save(force_insert=True)
        return row


class BareTickets(viewsets.ModelViewSet):  # type: ignore[type-arg]
    queryset = Ticket.objects.all()
    serializer_class = BareTicket


router = SimpleRouter()
router.register("bench/drf", BareTickets, basename="bench")
urlpatterns = [*router.urls, path("", include("ofx.urls"))]
