"""URLs of guides: help for customers, runs, the editor."""

from django.urls import URLPattern, path, re_path

from ticketing.guides.views import editor, help, numbers, runner

RUN = r"(?P<token>[A-Za-z0-9_-]{10,40})/"

urlpatterns: list[URLPattern] = [
    path("help/", help.start, name="help"),
    path("help/what/", help.what, name="help-what"),
    re_path(rf"^help/runs/{RUN}$", runner.run, name="help-run"),
    re_path(rf"^help/runs/{RUN}live/$", runner.live, name="help-run-live"),
    re_path(rf"^help/runs/{RUN}(?P<act>back|give-up|fixed)/$", runner.act, name="help-run-act"),
    path("guides/", editor.guides, name="guides"),
    path("guides/deflection/", numbers.deflection, name="guide-deflection"),
    path("guides/new/", editor.new, name="guide-new"),
    path("guides/runs/", editor.runs, name="guide-runs"),
    path("guides/runs/start/", runner.begin, name="guide-run-start"),
    re_path(rf"^guides/runs/{RUN}$", runner.run, name="guide-run"),
    re_path(rf"^guides/runs/{RUN}live/$", runner.live, name="guide-run-live"),
    re_path(rf"^guides/runs/{RUN}(?P<act>back|give-up|fixed)/$", runner.act, name="guide-run-act"),
    path("guides/<int:number>/", editor.guide, name="guide"),
    path("guides/<int:number>/versions/<int:version>/", editor.version, name="guide-version"),
    path("guides/<int:number>/edit/", editor.edit, name="guide-edit"),
    path("guides/<int:number>/edit/nodes/", editor.node, name="guide-node-new"),
    path("guides/<int:number>/edit/nodes/<slug:name>/", editor.node, name="guide-node"),
    re_path(r"^guides/(?P<number>\d{1,17})/edit/(?P<act>publish|discard|try|remove)/$", editor.act, name="guide-act"),
]
