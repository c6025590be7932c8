"""Where a provider's widget may be embedded, and the keys by which its server says who is looking."""

from datetime import datetime

from django.db import models

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.core.secrets import SecretField


class WidgetSite(models.Model):
    """The pages that a provider's widget may stand on."""

    SUBJECT = "widget_site"

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="widget_site")
    origins = models.JSONField(default=list, help_text="scheme://host[:port] of pages that may embed it")
    updated_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Widget of {self.organisation}"


class WidgetKey(models.Model):
    """What the provider's server signs with. The secret is needed to check signatures, so it is kept, encrypted."""

    SUBJECT = "widget_key"
    STATE_LOOK = {
        "valid": ("In use", "green"),
        "retiring": ("Ends soon", "amber"),
        "ended": ("Ended", "grey"),
        "revoked": ("Revoked", "grey"),
    }

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="widget_keys")
    key_id = models.CharField(max_length=24, unique=True, help_text="`kid` of the tokens: names the key, no secret")
    secret = SecretField()
    hint = models.CharField(max_length=8, help_text="its last characters, to tell keys apart")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    ends_at = models.DateTimeField(null=True, help_text="a newer key was made: this one still counts until then")
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True, help_text="the day only: one write a day")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.key_id

    def state_at(self, at: datetime) -> str:
        """`valid`, `retiring`, `ended` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        if self.ends_at is None:
            return "valid"
        return "retiring" if at < self.ends_at else "ended"

    def counts(self, at: datetime) -> bool:
        """Whether what it signed is believed."""
        return self.state_at(at) in ("valid", "retiring")
