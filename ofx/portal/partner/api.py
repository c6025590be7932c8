"""The operators' API: the same answers as the portal's, by one user's token. Examples can be pasted into a shell."""

import csv
import hashlib
import io
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, permissions, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from ofx.core.api import StrictJSONParser
from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.orders.actions import operator_answers as answers
from ofx.orders.answers import VERBS, AnswerInvalid
from ofx.orders.models import PartnerOrder
from ofx.orders.vocabulary import State
from ofx.portal.partner import batch, examples
from ofx.portal.partner.door import operator_only
from ofx.portal.partner.payloads import (
    BulkIn,
    BulkOut,
    FootprintIn,
    FootprintOut,
    PartnerOrderDetail,
    PartnerOrderLine,
    PriceOut,
    body_of,
)
from ofx.portal.partner.publishing import NotReadable, publish_file, publish_rows
from ofx.portal.partner.queries import ASKS, mine, with_asks, with_flags
from partners.coverage.actions import too_large
from partners.coverage.uploads import bound
from partners.models import Import, Price

KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="The same key again changes nothing."
)
MOST_KEY = 64
PUBLISH = (
    "A file (multipart, `file`) or rows (JSON). With the columns `product`, `monthly` and `one_off` the rows name list "
    "prices, too. A worker loads it; ask how far it is by the id."
)


class ForOperators(permissions.BasePermission):
    """A token of an operator's user; any other is refused (403)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Raises PermissionDenied for the wrong kind of organisation."""
        if not request.user.is_authenticated:
            return False
        operator_only(request)
        return True


class PartnerOrderFilter(filters.FilterSet):
    """By state, and by whether something is asked."""

    state = filters.MultipleChoiceFilter(choices=State.choices, distinct=False)
    needs = filters.MultipleChoiceFilter(field_name="ask", choices=[(name, words) for name, (words, _) in ASKS.items()])
    needs_answer = filters.BooleanFilter(method="by_need", help_text="true: only those that need an answer")
    reference = filters.CharFilter(field_name="partner_ref")

    class Meta:
        model = PartnerOrder
        fields: list[str] = []

    def by_need(self, rows: Any, name: str, value: bool) -> Any:
        """Those that need an answer, or the others."""
        return rows.exclude(ask="") if value else rows.filter(ask="")


def answering(verb: str, summary: str) -> Any:
    """One answer as an endpoint of the viewset."""

    def endpoint(self: "PartnerOrders", request: Request, our_key: str) -> Response:
        return self.answer(request, verb)

    name = verb.replace("_", "-")
    endpoint.__name__ = verb
    text = f"{summary} An answer that the order does not allow is a 409 with the reason in words."
    endpoint.__doc__ = text
    body = examples.BODIES[verb]
    asked = OpenApiExample(VERBS[verb].label, value=body, request_only=True)
    answered = OpenApiExample("The order then", value=examples.ORDER, response_only=True, status_codes=["200"])
    schema = extend_schema(
        summary=summary,
        request=body_of(verb),
        responses=PartnerOrderDetail,
        parameters=[KEY],
        examples=[asked, answered],
        **examples.shown(text, "POST", f"orders/{{our_key}}/{name}/", body),
    )
    return schema(action(detail=True, methods=["post"], url_path=name)(endpoint))


@extend_schema_view(
    list=extend_schema(
        operation_id="partner_portal_orders_list",
        summary="Orders placed with you",
        **examples.shown("Oldest first; with `needs_answer` only those.", "GET", "orders/?needs_answer=true"),
    ),
    retrieve=extend_schema(
        operation_id="partner_portal_orders_retrieve",
        summary="One order",
        examples=[OpenApiExample("An order", value=examples.ORDER, response_only=True)],
        **examples.shown("With contact and access notes.", "GET", "orders/{our_key}/"),
    ),
)
@extend_schema(tags=["partner"])
class PartnerOrders(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):  # type: ignore[type-arg]
    """Orders placed with your operator, and your answers to them."""

    queryset = PartnerOrder.objects.none()
    serializer_class = PartnerOrderLine
    permission_classes = [permissions.IsAuthenticated, ForOperators]
    lookup_field = "our_key"
    lookup_value_regex = "[^/.]+"
    filterset_class = PartnerOrderFilter

    def get_queryset(self) -> QuerySet[PartnerOrder]:
        """Through the scoped door, oldest first."""
        rows = with_asks(mine(self.request.user), timezone.localdate(now()))
        return with_flags(rows).order_by("submitted_at", "pk")

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        """One order tells more."""
        return PartnerOrderLine if self.action == "list" else PartnerOrderDetail

    def answer(self, request: Request, verb: str) -> Response:
        """Give the answer; the order as it is now."""
        row = self.get_object()
        permit(request.user, "partner_order.answer")
        given = request.data if isinstance(request.data, dict) else {}
        values = {name: given[name] for name in VERBS[verb].fields if given.get(name) is not None}
        try:
            answers.give(verb=verb, actor=_user(request), partner_order=row, at=now(), via=_via(request), **values)
        except AnswerInvalid as error:
            raise ValidationError({name: [text] for name, text in error.fields.items()}) from error
        return Response(PartnerOrderDetail(self.get_queryset().get(pk=row.pk)).data)

    acknowledge = answering("acknowledge", "Take the order (KCI1).")
    commit = answering("commit", "Commit to a date (KCI2).")
    delay = answering("delay", "Report a delay with its reason and the new date.")
    hold = answering("hold", "Put the order on hold, with the reason.")
    resume = answering("resume", "Work goes on.")
    complete = answering("complete", "It is done (KCI3).")
    reject = answering("reject", "You cannot deliver it.")
    ask = answering("ask", "Ask for information.")
    propose = answering("propose", "Propose a visit that must be agreed.")
    note = answering("note", "Write a note.")
    charge = answering("charge", "Raise a charge that needs consent.")
    accept_cancel = answering("accept_cancel", "Accept a cancel.")
    refuse_cancel = answering("refuse_cancel", "Refuse a cancel.")
    accept_change = answering("accept_change", "Accept a change.")
    refuse_change = answering("refuse_change", "Refuse a change.")


def _user(request: Request) -> Any:
    return request.user


def _via(request: Request) -> answers.Channel:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MOST_KEY:
        raise ValidationError({"Idempotency-Key": [f"At most {MOST_KEY} characters."]})
    return answers.Channel(kind="api", key=f"api:{hashlib.sha256(key.encode()).hexdigest()[:40]}" if key else "")


@extend_schema(tags=["partner"])
class BulkAnswers(viewsets.ViewSet):
    """Many answers in one call."""

    permission_classes = [permissions.IsAuthenticated, ForOperators]

    @extend_schema(
        summary="Give many answers",
        request=BulkIn,
        responses=BulkOut,
        examples=[OpenApiExample("Two answers", value=examples.BULK, request_only=True)],
        **examples.shown("Each stands for itself. Up to 500.", "POST", "answers/", examples.BULK),
    )
    def create(self, request: Request) -> Response:
        """Each answer stands for itself: one that is refused stops nobody else. Up to 500."""
        permit(request.user, "partner_order.answer")
        given = request.data.get("answers") if isinstance(request.data, dict) else None
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise ValidationError({"answers": ["Give a list of objects, each with our_key and answer."]})
        if not 0 < len(given) <= batch.MOST_ROWS:
            raise ValidationError({"answers": [f"Give 1 to {batch.MOST_ROWS} answers, not {len(given)}."]})
        done = list(batch.apply(_user(request), map(_one, range(1, len(given) + 1), given), now(), "api"))
        counts = {name: sum(one.result == name for one in done) for name in ("given", "known", "refused")}
        return Response({**counts, "results": [_result(one) for one in done]})


def _one(number: int, given: dict[str, Any]) -> batch.Given:
    values = {name: str(given[name]) for name in batch.VALUES if given.get(name) not in (None, "")}
    key, verb = str(given.get("our_key") or "")[:200], str(given.get("answer") or "")[:40]
    return batch.Given(number=number, our_key=key, verb=verb, values=values)


def _result(one: batch.Outcome) -> dict[str, Any]:
    state = one.row.state if one.row else ""
    told = {"row": one.given.number, "our_key": one.given.our_key, "answer": one.given.verb}
    return {**told, "result": one.result, "problem": one.problem, "state": state}


@extend_schema(tags=["partner"])
class Footprints(viewsets.GenericViewSet):  # type: ignore[type-arg]
    """Where you serve: published as a new version that replaces the one in force once it is whole."""

    queryset = Import.objects.none()
    serializer_class = FootprintOut
    permission_classes = [permissions.IsAuthenticated, ForOperators]
    parser_classes = [StrictJSONParser, MultiPartParser]

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """An upload is cut off at the limit while it comes, before it fills the disk."""
        bound(request)
        return super().initialize_request(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Import]:
        """Publications of one's own organisation."""
        return Import.objects.visible_to(self.request.user).order_by("-pk")

    @extend_schema(
        summary="Publish your footprint",
        request={"multipart/form-data": FootprintIn, "application/json": FootprintIn},
        responses={202: FootprintOut},
        examples=[OpenApiExample("Two postcodes", value=examples.FOOTPRINT, request_only=True)],
        **examples.shown(PUBLISH, "POST", "footprints/", examples.FOOTPRINT),
    )
    def create(self, request: Request) -> Response:
        """A file (multipart, `file`) or rows (JSON). It is loaded by a worker; ask for its state by its id."""
        operator = operator_only(request)
        permit(request.user, "coverage.write")
        given: Any = request.data if isinstance(request.data, dict) else {}
        country = str(given.get("country") or operator.country)[:3]
        file = request.FILES.get("file")
        if request.META.get("ofx.upload_too_large"):
            raise ValidationError({"file": [too_large()]})
        try:
            if file is not None:
                row = publish_file(operator=operator, file=file, country=country, actor=_user(request), at=now())
            else:
                content = _as_csv(given.get("rows"))
                row = publish_rows(operator=operator, content=content, country=country, actor=_user(request), at=now())
        except NotReadable as error:
            raise ValidationError({"file" if file is not None else "rows": [str(error)]}) from error
        return Response(FootprintOut(row).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary="How far a publication is",
        **examples.shown("Loading, done, or failed and why.", "GET", "footprints/{id}/"),
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Loading, done, or failed and why."""
        return Response(FootprintOut(self.get_object()).data)


def _as_csv(rows: Any) -> ContentFile:  # type: ignore[type-arg]
    """JSON rows as the CSV that the import reads."""
    if not isinstance(rows, list) or not rows or not all(isinstance(one, dict) for one in rows):
        raise ValidationError({"rows": ['Give a file, or rows: a list of objects such as {"postcode": "SW1A 1AA"}.']})
    if len(rows) > 10_000:
        raise ValidationError({"rows": [f"Give at most 10,000 rows, not {len(rows):,}; send more as a file."]})
    header = list(dict.fromkeys(str(name)[:80] for one in rows for name in one))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([str(one.get(name) if one.get(name) is not None else "") for name in header] for one in rows)
    return ContentFile(out.getvalue().encode())


@extend_schema_view(
    list=extend_schema(summary="Your prices", **examples.shown("At list, and under each agreement.", "GET", "prices/"))
)
@extend_schema(tags=["partner"])
class Prices(mixins.ListModelMixin, viewsets.GenericViewSet):  # type: ignore[type-arg]
    """What you ask for what you sell: at list, and under each agreement."""

    queryset = Price.objects.none()
    serializer_class = PriceOut
    permission_classes = [permissions.IsAuthenticated, ForOperators]
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Price]:
        """One's own operator's only; whose agreement it is, its operator knows."""
        acting: Any = self.request.user.acting  # type: ignore[union-attr]
        rows = Price.objects.filter(offering__operator__organisation_id=acting.organisation_id, offering__active=True)
        return rows.select_related("offering", "agreement__organisation").order_by("offering__code", "starts", "pk")


def register(router: SimpleRouter) -> None:
    """Add this slice's viewsets to the router."""
    router.register("partner/orders", PartnerOrders, basename="api-partner-orders")
    router.register("partner/answers", BulkAnswers, basename="api-partner-answers")
    router.register("partner/footprints", Footprints, basename="api-partner-footprints")
    router.register("partner/prices", Prices, basename="api-partner-prices")
