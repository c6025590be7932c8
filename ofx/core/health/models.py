"""Signs of life, one row a part."""

from django.db import models


class Heartbeat(models.Model):
    """When a part of the system last said that it is alive."""

    part = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.part} {self.at:%H:%M:%S}"
