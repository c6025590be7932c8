"""Product orders and what becomes of them at the partners."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Orders, items, partner orders, dates, holds."""

    name = "ofx.orders"
    label = "orders"
    verbose_name = "Orders"
