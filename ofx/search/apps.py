"""A place → who can serve it."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    """Qualification, ranking, promises."""

    name = "ofx.search"
    label = "search"
    verbose_name = "Search"
