"""Addresses of the pages that people open; the APIs themselves are in urls.py."""

from django.urls import path

from ofx.tmf.hub import views as hub
from ofx.tmf.product_order import views as product_order

urlpatterns = [
    path("messages/subscriptions/", hub.subscription_list, name="tmf-subscriptions"),
    path("messages/subscriptions/<int:pk>/", hub.subscription, name="tmf-subscription"),
    path("messages/subscriptions/<int:pk>/resend/", hub.subscription_resend, name="tmf-subscription-resend"),
    path("messages/subscriptions/<int:pk>/delete/", hub.subscription_delete, name="tmf-subscription-delete"),
    path("orders/<str:reference>/complete/", product_order.complete, name="order-complete"),
]
