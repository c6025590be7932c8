"""The JSON API of visits, charges and changes: `/api/v1/orders/{reference}/items/{position}/…` and services."""

from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.orders import actions
from ofx.orders.change_payloads import (
    AmendIn,
    AmendOut,
    AppointmentOut,
    CeaseIn,
    ChargeOut,
    ConsentIn,
    ModifyIn,
    OutcomeIn,
    PeriodIn,
    ReasonIn,
    SlotOut,
    WindowIn,
)
from ofx.orders.models import Appointment, Order, PartnerOrder, ServiceRecord
from ofx.orders.payloads import OrderWithItems
from ofx.orders.validation import FIELDS
from ofx.orders.views.loading import part_of
from ofx.orders.views.visits import counted
from partners.models import Offering

ITEM = r"items/(?P<position>\d{1,4})/"
WINDOW = timedelta(days=21)
SLOT = OpenApiExample(
    "A morning", value={"start": "2026-12-01T08:00:00Z", "end": "2026-12-01T13:00:00Z"}, request_only=True
)
CONSENT = OpenApiExample(
    "Agreed by the customer",
    value={"consent_by": "Paula Placeholder", "consent_reference": "PO-4711"},
    request_only=True,
)
AMEND = OpenApiExample(
    "A later date",
    value={"requested_date": "2026-12-08", "requester": "customer", "reason": "Customer on holiday"},
    request_only=True,
)
CEASE = OpenApiExample(
    "The customer moves", value={"requested_date": "2026-12-31", "reason": "Customer moves out"}, request_only=True
)
MODIFY = OpenApiExample("Faster", value={"offering": 17, "reason": "More bandwidth"}, request_only=True)
UNKNOWN = OpenApiResponse(AppointmentOut, description="The partner has not answered; it is looked up. Read it again.")


class Conflict(APIException):
    """The partner refused, or things stand otherwise."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


def refusing(call: Any, **values: Any) -> Any:
    """Call an action; what it refuses becomes a 400 that names the fields, a partner's refusal a 409."""
    try:
        return call(**values)
    except actions.OrderInvalid as error:
        raise ValidationError(error.by_field()) from error
    except actions.OutcomeUnknown:
        raise
    except actions.SlotRefused as error:
        raise Conflict(str(error)) from error
    except ValueError as error:
        field, colon, text = str(error).partition(": ")
        raise ValidationError(
            {field: [text]} if colon and field.isidentifier() else {"reason": [str(error)]}
        ) from error


class ItemActs:
    """Acts on an item of an order; mixed into the viewset of orders."""

    def _item(self, request: Request, serializer: Any, position: str) -> tuple[PartnerOrder, dict[str, Any]]:
        order: Order = self.get_object()  # type: ignore[attr-defined]
        permit(request.user, "order.write")
        given = serializer(data=request.data if request.method != "GET" else request.query_params)
        given.is_valid(raise_exception=True)
        return part_of(order, int(position)), dict(given.validated_data)

    def _visit(self, row: PartnerOrder) -> Appointment:
        visit = counted(row)
        return visit or get_object_or_404(Appointment.objects.none())

    def _asked(self, row: PartnerOrder, call: Any, **values: Any) -> Response:
        """A call that the partner answers at once, usually."""
        try:
            visit = refusing(call, at=now(), **values)
        except actions.OutcomeUnknown:
            return Response(AppointmentOut(self._visit(row)).data, status=status.HTTP_202_ACCEPTED)
        return Response(AppointmentOut(visit).data)

    @extend_schema(summary="Free slots of the partner", parameters=[WindowIn], responses=SlotOut(many=True))
    @action(detail=True, methods=["get"], url_path=ITEM + "slots", pagination_class=None, filterset_class=None)
    def slots(self, request: Request, reference: str, position: str) -> Response:
        """Asked for at the partner now; empty where it has no appointment system or no crew."""
        row, given = self._item(request, WindowIn, position)
        since = given.get("since") or now()
        until = given.get("until") or since + WINDOW
        found = refusing(actions.find_slots, actor=request.user, at=now(), partner_order=row, since=since, until=until)
        return Response(SlotOut(found, many=True).data)

    @extend_schema(
        summary="Reserve a visit, or move it",
        request=PeriodIn,
        responses={200: AppointmentOut, 202: UNKNOWN, 409: OpenApiResponse(description="The partner refused")},
        examples=[SLOT],
    )
    @action(detail=True, methods=["post"], url_path=ITEM + "visit")
    def visit(self, request: Request, reference: str, position: str) -> Response:
        """Reserves a slot; where there is a visit already it is moved, and its old slot stands if that is refused."""
        row, given = self._item(request, PeriodIn, position)
        known = counted(row)
        if known is not None:
            return self._asked(row, actions.rebook_appointment, actor=request.user, appointment=known, **given)
        return self._asked(row, actions.reserve_slot, actor=request.user, partner_order=row, **given)

    @extend_schema(summary="Confirm a reserved visit", request=None, responses={200: AppointmentOut, 202: UNKNOWN})
    @action(detail=True, methods=["post"], url_path=ITEM + "visit/confirm")
    def visit_confirm(self, request: Request, reference: str, position: str) -> Response:
        """A second call changes nothing."""
        row, _ = self._item(request, ReasonIn, position)
        return self._asked(row, actions.confirm_appointment, actor=request.user, appointment=self._visit(row))

    @extend_schema(summary="Give a visit's slot back", request=ReasonIn, responses={200: AppointmentOut, 202: UNKNOWN})
    @action(detail=True, methods=["post"], url_path=ITEM + "visit/cancel")
    def visit_cancel(self, request: Request, reference: str, position: str) -> Response:
        """A second call changes nothing."""
        row, given = self._item(request, ReasonIn, position)
        return self._asked(row, actions.cancel_appointment, actor=request.user, appointment=self._visit(row), **given)

    @extend_schema(summary="What came of a visit", request=OutcomeIn, responses=AppointmentOut)
    @action(detail=True, methods=["post"], url_path=ITEM + "visit/outcome")
    def visit_outcome(self, request: Request, reference: str, position: str) -> Response:
        """Missed is the partner's clock, failed ours or our customer's; either waits for a new visit."""
        row, given = self._item(request, OutcomeIn, position)
        return self._asked(row, actions.record_outcome, actor=request.user, appointment=self._visit(row), **given)

    @extend_schema(summary="Ask the partner for a change", request=AmendIn, responses=AmendOut, examples=[AMEND])
    @action(detail=True, methods=["post"], url_path=ITEM + "amend")
    def amend(self, request: Request, reference: str, position: str) -> Response:
        """Only fields that this partner changes under way; its answer comes later, as `state` of the change."""
        row, given = self._item(request, AmendIn, position)
        changes = {name: given[name] for name in FIELDS if name != "requested_date" and name in given}
        asked = refusing(
            actions.request_amend,
            actor=request.user,
            partner_order=row,
            at=now(),
            requested_date=given.get("requested_date"),
            changes=changes,
            requester=given["requester"],
            reason=given["reason"],
        )
        return Response(AmendOut(asked).data)

    def _charge(self, request: Request, position: str, number: str, accepted: bool) -> Response:
        row, given = self._item(request, ConsentIn, position)
        charge = get_object_or_404(row.charges.select_related("partner_order__order"), pk=int(number))
        refusing(actions.answer_charge, actor=request.user, charge=charge, accepted=accepted, at=now(), **given)
        charge.refresh_from_db()
        return Response(ChargeOut(charge).data)

    @extend_schema(summary="Consent to a charge", request=ConsentIn, responses=ChargeOut, examples=[CONSENT])
    @action(detail=True, methods=["post"], url_path=ITEM + r"charges/(?P<number>\d{1,12})/accept")
    def charge_accept(self, request: Request, reference: str, position: str, number: str) -> Response:
        """Goes to the partner at once; who agreed at the customer is kept."""
        return self._charge(request, position, number, True)

    @extend_schema(summary="Decline a charge", request=None, responses=ChargeOut)
    @action(detail=True, methods=["post"], url_path=ITEM + r"charges/(?P<number>\d{1,12})/decline")
    def charge_decline(self, request: Request, reference: str, position: str, number: str) -> Response:
        """After one for construction the partner usually ends the order."""
        return self._charge(request, position, number, False)


class ServiceActs:
    """Acts on a live service; mixed into the viewset of services."""

    def _service(self, request: Request, serializer: Any) -> tuple[ServiceRecord, dict[str, Any]]:
        row: ServiceRecord = self.get_object()  # type: ignore[attr-defined]
        permit(request.user, "order.write")
        given = serializer(data=request.data)
        given.is_valid(raise_exception=True)
        return row, dict(given.validated_data)

    def _order(self, order: Order) -> Response:
        body = dict(OrderWithItems(order).data)
        return Response(body, status=status.HTTP_201_CREATED, headers={"Location": body["href"]})

    @extend_schema(summary="Cease a service", request=CeaseIn, responses={201: OrderWithItems}, examples=[CEASE])
    @action(detail=True, methods=["post"])
    def cease(self, request: Request, reference: str) -> Response:
        """An order to its operator; the service stays live until that is completed."""
        row, given = self._service(request, CeaseIn)
        return self._order(refusing(actions.cease_service, actor=request.user, service=row, at=now(), **given))

    @extend_schema(
        summary="Change the product of a service",
        request=ModifyIn,
        responses={201: OrderWithItems},
        examples=[MODIFY],
    )
    @action(detail=True, methods=["post"])
    def modify(self, request: Request, reference: str) -> Response:
        """An order to its operator for another of its products."""
        row, given = self._service(request, ModifyIn)
        offering = Offering.objects.filter(pk=given.pop("offering"), operator=row.operator_id).first()
        if offering is None:
            raise ValidationError({"offering": ["The operator of this service has no such offer."]})
        values = {"actor": request.user, "service": row, "offering": offering, "at": now(), **given}
        return self._order(refusing(actions.modify_service, **values))
