"""hub: subscriptions over HTTP (TMF630 part 4)."""

from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ofx.core.clock import now
from ofx.core.scoping import permit
from ofx.tmf.hub import actions
from ofx.tmf.hub.catalogue import capability_of
from ofx.tmf.hub.models import Subscription
from ofx.tmf.hub.wanted import PATH_OPTION
from ofx.tmf.rest.errors import Conflict, invalid
from ofx.tmf.rest.face import base
from ofx.tmf.rest.resource import OpenApiView


class HubIn(serializers.Serializer[Any]):
    """EventSubscriptionInput (v4), Hub_FVO (v5), and where below the callback we post to."""

    callback = serializers.CharField(max_length=500)
    query = serializers.CharField(max_length=1000, required=False, allow_blank=True, allow_null=True)
    listenerPath = serializers.ChoiceField(choices=["standard", "bare"], required=False)

    def bare(self) -> bool:
        """Whether the callback itself is posted to; the option may stand in the query too."""
        words = str(self.validated_data.get("query") or "").lstrip("?").split("&")
        return self.validated_data.get("listenerPath") == "bare" or f"{PATH_OPTION}=bare" in words


class Hub(OpenApiView):
    """Subscribe, look at a subscription, end it."""

    def _row(self, identifier: str) -> Subscription:
        number = int(identifier) if identifier.isascii() and identifier.isdigit() and len(identifier) < 16 else 0
        rows = Subscription.objects.visible_to(self.request.user).filter(api=self.api, version=self.version)
        row = rows.filter(pk=number).first()
        if row is None:
            raise Http404
        return row

    def _href(self, number: int) -> str:
        return f"{base(self.api, self.version)}/hub/{number}"

    def _document(self, row: Subscription) -> dict[str, str]:
        made = {"id": str(row.pk), "callback": row.callback, "query": row.query}
        return {**made, "href": self._href(row.pk), "@type": "Hub"} if self.version == "v5" else made

    def get(self, request: Request, version: str, id: str) -> Response:
        """One subscription; its secret is not told again."""
        return Response(self._document(self._row(id)))

    def post(self, request: Request, version: str) -> Response:
        """Subscribe. The answer holds, this once, the `secret` that signs our notifications."""
        permit(request.user, capability_of(self.api))
        given = HubIn(data=self.given())
        given.is_valid(raise_exception=True)
        values = given.validated_data
        try:
            row, secret = actions.subscribe(
                actor=request.user,  # type: ignore[arg-type]
                api=self.api,
                version=version,
                callback=values["callback"],
                query=values.get("query") or "",
                bare=given.bare(),
                at=now(),
            )
        except actions.BadCallback as error:
            raise invalid("callback", str(error)) from error
        except actions.Refused as error:
            raise Conflict(error.args[0], self._href(error.args[1]) if error.args[1] else "") from error
        headers = {"Location": self._href(row.pk)}
        return Response({**self._document(row), "secret": secret}, status=201, headers=headers)

    def delete(self, request: Request, version: str, id: str) -> Response:
        """End it; what waits is not sent any more."""
        row = self._row(id)
        permit(request.user, capability_of(self.api))
        actions.unsubscribe(actor=request.user, subscription=row, at=now())  # type: ignore[arg-type]
        return Response(status=204)


class ConsumerHub(Hub):
    """Where a provider's customers have a part too."""

    kinds = ("service_provider", "customer", "exchange")


class FaultHub(Hub):
    """Where operators have a part as well: each is told of what it may read."""

    kinds = ("service_provider", "customer", "operator", "exchange")
