import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0008_notices"),
    ]

    operations = [
        migrations.CreateModel(
            name="CompensationRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scheme",
                    models.CharField(default="GB-AUTOMATIC", help_text="Ofcom automatic compensation", max_length=20),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("repair_day", "Delayed repair, a day"),
                            ("missed_visit", "Missed appointment"),
                            ("late_start_day", "Delayed start, a day"),
                        ],
                        max_length=16,
                    ),
                ),
                ("effective_from", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=8)),
                ("currency", models.CharField(default="GBP", max_length=3)),
                ("source", models.CharField(help_text="where it was printed", max_length=200)),
                ("read_on", models.DateField(help_text="when we read it there")),
            ],
            options={
                "ordering": ["event", "-effective_from"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("scheme", "event", "effective_from"), name="compensation_rate_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="compensation_rate_positive"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CompensationCover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("covered", models.BooleanField()),
                ("changed_at", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        help_text="empty: all others",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="core.organisation",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "customer"), name="compensation_cover_once", nulls_distinct=False
                    )
                ],
            },
        ),
    ]
