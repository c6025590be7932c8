import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import ofx.core.secrets


class Migration(migrations.Migration):
    initial = True
    # What these do one after the other stands here at once, for a new database. One that has some takes the rest.
    replaces = [
        ("portal", "0001_day_figures"),
        ("portal", "0002_order_batch"),
        ("portal", "0003_widget"),
    ]

    dependencies = [
        ("core", "0008_notices"),
        ("orders", "0001_baseline"),
        ("partners", "0001_baseline"),
        ("search", "0001_baseline"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="the file's name", max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting for a worker"),
                            ("running", "Placing orders"),
                            ("stopped", "Stopped"),
                            ("done", "Done"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("best", "Best by rank"),
                            ("cheapest", "Cheapest a month"),
                            ("operator", "Best of one operator"),
                        ],
                        default="best",
                        max_length=10,
                    ),
                ),
                (
                    "make_customers",
                    models.BooleanField(default=False, help_text="a name that is not known becomes a customer"),
                ),
                ("requested_date", models.DateField(null=True)),
                ("contact_name", models.CharField(blank=True, help_text="of rows that name none", max_length=120)),
                ("contact_phone", models.CharField(blank=True, max_length=40)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("submit", models.BooleanField(default=False, help_text="off: drafts")),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        help_text="of rows that name none",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.organisation",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.operator"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="search.bulkrun"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "-created_at"], name="batch_tenant"),
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])), fields=["id"], name="batch_open"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                ("given", models.CharField(max_length=300)),
                ("reference", models.CharField(blank=True, max_length=80)),
                ("customer", models.CharField(blank=True, max_length=120)),
                ("contact_name", models.CharField(blank=True, max_length=120)),
                ("contact_phone", models.CharField(blank=True, max_length=40)),
                ("contact_email", models.CharField(blank=True, max_length=254)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("draft", "Draft"),
                            ("sent", "On its way"),
                            ("failed", "No order"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "problem",
                    models.CharField(blank=True, help_text="why there is no order, or only a draft", max_length=500),
                ),
                (
                    "address",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.address"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="orders.order"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.place"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="portal.orderbatch"
                    ),
                ),
            ],
            options={
                "ordering": ["line"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["batch", "line"], name="batch_row_waiting"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("batch", "line"), name="batch_row_once")],
            },
        ),
        migrations.CreateModel(
            name="WidgetKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key_id",
                    models.CharField(
                        help_text="`kid` of the tokens: names the key, no secret", max_length=24, unique=True
                    ),
                ),
                ("secret", ofx.core.secrets.SecretField()),
                ("hint", models.CharField(help_text="its last characters, to tell keys apart", max_length=8)),
                ("created_at", models.DateTimeField()),
                (
                    "ends_at",
                    models.DateTimeField(help_text="a newer key was made: this one still counts until then", null=True),
                ),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_used_on", models.DateField(help_text="the day only: one write a day", null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="widget_keys", to="core.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="WidgetSite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "origins",
                    models.JSONField(default=list, help_text="scheme://host[:port] of pages that may embed it"),
                ),
                ("updated_at", models.DateTimeField()),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="widget_site", to="core.organisation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DayFigures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("computed_at", models.DateTimeField()),
                ("ordered", models.PositiveIntegerField(default=0, help_text="orders placed")),
                ("completed", models.PositiveIntegerField(default=0, help_text="partner orders that were completed")),
                ("committed", models.PositiveIntegerField(default=0, help_text="commitments that partners gave")),
                (
                    "slipped",
                    models.PositiveIntegerField(default=0, help_text="target dates that partners moved to a later day"),
                ),
                (
                    "ended_unfulfilled",
                    models.PositiveIntegerField(default=0, help_text="orders rejected, failed or cancelled"),
                ),
                ("open_orders", models.PositiveIntegerField(default=0)),
                (
                    "ages",
                    models.JSONField(default=dict, help_text="holder → open orders by age, youngest bucket first"),
                ),
                (
                    "money",
                    models.JSONField(
                        default=list, help_text="[operator, active services, a month, currency], dearest first"
                    ),
                ),
                ("standing", models.JSONField(default=dict, help_text="blocked, late, silent, in jeopardy, due today")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("organisation", "day"), name="day_figures_once")],
            },
        ),
    ]
