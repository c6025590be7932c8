"""What people add to an order."""

from django.db import models

from ofx.orders.models.order import Order


class Note(models.Model):
    """A remark on an order. Internal notes are never shown to customers or operators."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=4000)
    internal = models.BooleanField(default=True)
    author = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()


class Attachment(models.Model):
    """A file on an order: type and size are checked, it is served as a download only."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="attachments/%Y/%m/")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    author = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
