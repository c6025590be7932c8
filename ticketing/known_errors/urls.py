"""URLs of this slice."""

from django.urls import URLPattern, path, re_path

from ticketing.known_errors.views import lists, public, record

ACTS = "ask|approve|publish|back|retire|revive|reviewed"
urlpatterns: list[URLPattern] = [
    path("knowledge/", lists.known_errors, name="known-errors"),
    path("knowledge/found/", lists.found, name="known-errors-found"),
    path("knowledge/new/", record.edit, name="known-error-new"),
    path("knowledge/candidates/", lists.candidates, name="candidates"),
    path("knowledge/candidates/<int:pk>/", lists.candidate, name="candidate"),
    re_path(r"^knowledge/candidates/(?P<pk>[0-9]{1,18})/(?P<word>draft|dismiss)/$", lists.candidate_act,
            name="candidate-act"),
    path("knowledge/for-ticket/<str:reference>/", record.for_ticket, name="known-errors-for-ticket"),
    path("knowledge/from-ticket/<str:reference>/", record.from_ticket, name="known-error-from-ticket"),
    path("knowledge/<str:reference>/", record.known_error, name="known-error"),
    path("knowledge/<str:reference>/edit/", record.edit, name="known-error-edit"),
    path("knowledge/<str:reference>/versions/<int:number>/", record.version, name="known-error-version"),
    path("knowledge/<str:reference>/versions/<int:number>/restore/", record.restore, name="known-error-restore"),
    re_path(r"^knowledge/(?P<reference>[^/]+)/(?P<word>" + ACTS + r")/$", record.act, name="known-error-act"),
    re_path(r"^knowledge/(?P<reference>[^/]+)/for/(?P<ticket>[^/]+)/(?P<word>link|unlink|applied|worked|failed)/$",
            record.use, name="known-error-use"),
    path("help/articles/", public.articles, name="help-articles"),
    path("help/articles/<str:reference>/", public.article, name="help-article"),
]  # fmt: skip
