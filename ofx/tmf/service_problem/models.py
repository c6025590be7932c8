"""What a caller's system sent with a problem, which problems are grouped, and the tasks that did so."""

from django.db import models
from django.db.models import F, Q

from ofx.core.models import Organisation
from ofx.core.scoping import ScopedQuerySet
from ofx.tmf.sent import Sent
from ticketing.models import Outage


class BuyerProblem(Sent):
    """A problem as it was sent."""

    outage = models.OneToOneField(Outage, on_delete=models.CASCADE, related_name="buyer_problem")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "external_id"], condition=~Q(external_id=""), name="buyer_problem_once"
            )
        ]


class ProblemLink(models.Model):
    """A problem that belongs to a wider one."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    parent = models.ForeignKey(Outage, on_delete=models.CASCADE, related_name="grouped")
    child = models.OneToOneField(Outage, on_delete=models.CASCADE, related_name="grouping")
    at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(parent=F("child")), name="problem_link_not_self")]


class GroupTask(models.Model):
    """A problemGroup or problemUngroup that was carried out."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    undo = models.BooleanField(default=False, help_text="problemUngroup")
    parent = models.CharField(max_length=20, help_text="reference of the parent problem")
    children = models.JSONField(default=list, help_text="references of the children")
    created_by = models.ForeignKey("core.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{'un' if self.undo else ''}group {self.parent}"
