"""The served TM Forum Open APIs."""

from django.apps import AppConfig


class TmfConfig(AppConfig):
    """Resources of the standard over our orders, search, offers and inventory; hubs and notifications."""

    name = "ofx.tmf"
    label = "tmf"
    verbose_name = "TM Forum APIs"
