"""Addresses of an Open API: every path with and without a slash at its end, and never a redirect."""

from collections.abc import Mapping

from django.http import Http404
from django.urls import URLPattern, re_path
from rest_framework.request import Request
from rest_framework.response import Response

from ofx.tmf.rest.resource import OpenApiView

MANY = {"list": "get", "post": "post"}
ONE = {"get": "get", "patch": "patch", "delete": "delete"}


def routes(
    api: str, versions: tuple[str, ...], resources: Mapping[str, tuple[type[OpenApiView], str]]
) -> list[URLPattern]:
    """The paths of one API below /tmf-api/. `resources`: name → its view and what it offers, of the words
    `list get post patch delete` (list: GET of the collection; get: GET of one)."""
    found = []
    for name, (view, words) in resources.items():
        offered = words.split()
        root = rf"^{api}/(?P<version>{'|'.join(versions)})/{name}"
        for table, path, suffix in ((MANY, "/?$", ""), (ONE, r"/(?P<id>[^/]+)/?$", "-one")):
            methods = [method for word, method in table.items() if word in offered]
            if methods:
                served = view.as_view(http_method_names=[*methods, "options"], api=api)
                found.append(re_path(root + path, served, name=f"tmf-{name}{suffix}"))
    return found


class Nowhere(OpenApiView):
    """Any other address below /tmf-api/: a 404 in the standard's shape."""

    def _refuse(self, request: Request, rest: str) -> Response:
        """Nothing is here, whoever `request.user` is."""
        raise Http404

    get = post = patch = put = delete = _refuse
