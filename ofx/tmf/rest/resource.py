"""A resource of an Open API: list, read, create, patch and delete over one scoped queryset or over documents.

A subclass says `faces` (version → Face) and `rows()`; it offers POST, PATCH or DELETE by defining `create`, `change`
or `remove`. The URL's version chooses the face.
"""

from typing import Any, ClassVar
from urllib.parse import parse_qsl

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ofx.core.accounts.authentication import TokenAuthentication
from ofx.tmf.rest import listing
from ofx.tmf.rest.errors import invalid, problem
from ofx.tmf.rest.face import Face, base
from ofx.tmf.rest.fields import Fields, read_fields
from ofx.tmf.rest.parsers import Json, MergePatch
from ofx.tmf.rest.query import Query, read_query

PAGING = ("offset", "limit")


class OpenApiView(APIView):
    """What every view of an Open API shares: tokens, who may come, refusals in the standard's shape."""

    authentication_classes = [TokenAuthentication]
    parser_classes = [Json]
    schema: Any = None  # described by the TM Forum's own files, not by our OpenAPI document
    kinds: ClassVar[tuple[str, ...]] = ("service_provider", "exchange")
    api = ""
    version = "v4"
    read_only_because = ""  # why an operation of the standard is not offered here

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """405, with the reason where there is one."""
        raise MethodNotAllowed(str(request.method), self.read_only_because or None)

    def get_exception_handler(self) -> Any:
        """Refusals in the standard's shape."""
        return problem

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who may come: the systems of service providers, and the exchange to look."""
        super().initial(request, *args, **kwargs)
        acting: Any = getattr(request.user, "acting", None)
        if acting is None or acting.organisation.kind not in self.kinds:
            raise PermissionDenied(f"This API is for the systems of {_named(self.kinds)}.")
        self.version = kwargs.get("version", "v4")

    @property
    def acting(self) -> Any:
        """The membership that the token acts by."""
        return self.request.user.acting  # type: ignore[union-attr]

    def given(self) -> dict[str, Any]:
        """The body, which must be an object. Raises ValidationError."""
        data = self.request.data
        if not isinstance(data, dict):
            raise invalid("body", "A JSON object is expected.")
        return data


def _named(kinds: tuple[str, ...]) -> str:
    words = {"service_provider": "service providers", "customer": "their customers", "operator": "operators"}
    return ", ".join(words[kind] for kind in kinds if kind in words)


class Resource(OpenApiView):
    """One resource type. `get`, `post`, `patch` and `delete` serve both the collection and the item."""

    faces: ClassVar[dict[str, Face]] = {}

    # -- what a subclass says

    def rows(self) -> QuerySet[Any]:
        """The rows that the caller may see, in their usual order."""
        raise NotImplementedError

    def prepare(self, rows: QuerySet[Any], names: set[str] | None) -> QuerySet[Any]:
        """Fetch what these attributes need (None: all), so that the number of queries does not grow with the rows."""
        return rows

    def found(self, identifier: str, names: set[str] | None = None) -> Any:
        """The visible row with this id. Raises Http404."""
        if "\x00" in identifier or len(identifier) > 200:
            raise Http404
        fits = self.face.columns["id"].q("id", "eq", identifier)
        row = self.prepare(self.rows().filter(fits), names).first()
        if row is None:
            raise Http404
        return row

    def page(self, query: Query) -> listing.Page:
        """A page of the list."""
        return listing.of_rows(self.rows(), query, self.face, self.prepare)

    def document(self, identifier: str, fields: Fields) -> dict[str, Any]:
        """One resource. Raises Http404."""
        return self.face.document(self.found(identifier, fields.names), fields.names)

    # -- HTTP

    @property
    def face(self) -> Face:
        """The face of the version that was asked for."""
        return self.faces[self.version]

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """PATCH takes a merge patch too."""
        if request.method == "PATCH":
            self.parser_classes = [Json, MergePatch]
        return super().initialize_request(request, *args, **kwargs)

    def get(self, request: Request, version: str, id: str | None = None) -> Response:
        """The list, or one."""
        if id is None:
            return self._list(request)
        fields = self._fields(request)
        return Response(self._cut(self.document(id, fields), fields))

    def _list(self, request: Request) -> Response:
        query = read_query(request.META.get("QUERY_STRING", ""), self.face.known())
        pairs = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True)
        given = [(name, value) for name, value in pairs if name not in PAGING]
        address = f"{base(self.face.api, self.version)}/{self.face.name}"
        return listing.answer(self.page(query), query, address, given)

    def _fields(self, request: Request) -> Fields:
        return read_fields(request.GET.getlist("fields"), self.face.known())

    def _cut(self, document: dict[str, Any], fields: Fields) -> dict[str, Any]:
        return fields.cut(document, ("@type",) if self.face.typed else ())

    def created(self, identifier: str) -> Response:
        """201 with `Location` equal to `href`."""
        fields = self._fields(self.request)
        document = self.document(identifier, fields)
        return Response(self._cut(document, fields), status=201, headers={"Location": document["href"]})

    def changed(self, identifier: str) -> Response:
        """200 with the whole resource."""
        fields = self._fields(self.request)
        return Response(self._cut(self.document(identifier, fields), fields))


def refuse_frozen(body: dict[str, Any], patchable: set[str], now: dict[str, Any], face: Face) -> dict[str, Any]:
    """The part of a patch that changes something that may change.

    An attribute that cannot be patched is refused by name, unless the caller sends back what stands there. Attributes
    that the standard does not know are left out of account (lenient in). Raises ValidationError.
    """
    known = set(face.known())
    frozen = [name for name in body if name in known - patchable and body[name] != now.get(name)]
    if frozen:
        raise invalid(", ".join(frozen)[:300], "It cannot be changed by PATCH.")
    return {name: value for name, value in body.items() if name in patchable and value != now.get(name)}
