"""Working calendars: versioned, with prefix sums, so that adding working days is one indexed look-up."""

from django.db import models


class Calendar(models.Model):
    """A working calendar, such as England and Wales."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """One immutable state of a calendar; the newest is used for new computations, old ones for old cases."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "number"], name="calendar_version_once")]


class CalendarDay(models.Model):
    """A date, whether work is done on it, and how many working days there were up to and including it."""

    version = models.ForeignKey(CalendarVersion, on_delete=models.CASCADE, related_name="days")
    date = models.DateField()
    working = models.BooleanField()
    total = models.PositiveIntegerField(help_text="working days from the version's first date to this one, inclusive")
    label = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "date"], name="calendar_day_once")]
        indexes = [models.Index(fields=["version", "total", "date"], name="calendar_total")]
