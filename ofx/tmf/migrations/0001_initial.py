import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import ofx.core.secrets


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0001_initial"),
        ("core", "__first__"),
        ("orders", "0005_open_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("api", models.CharField(help_text="such as productOrderingManagement", max_length=60)),
                ("version", models.CharField(max_length=4)),
                ("callback", models.CharField(max_length=500)),
                ("query", models.CharField(blank=True, max_length=1000)),
                (
                    "bare",
                    models.BooleanField(
                        default=False, help_text="posted to the callback itself, not to callback/listener/…"
                    ),
                ),
                (
                    "secret",
                    ofx.core.secrets.SecretField(help_text="signs what we send (Standard Webhooks); shown once"),
                ),
                (
                    "state",
                    models.CharField(choices=[("active", "Active"), ("gone", "Gone")], default="active", max_length=8),
                ),
                ("failures", models.PositiveIntegerField(default=0)),
                ("open_until", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("last_success_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "active")), fields=["organisation", "api"], name="subscription_api"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "api", "version", "callback", "query"), name="subscription_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("resource", models.CharField(help_text="what it is about; told in order", max_length=80)),
                ("event_id", models.UUIDField(help_text="the same for every callback and every try")),
                ("event_type", models.CharField(max_length=80)),
                ("body", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Waiting"), ("delivered", "Delivered"), ("failed", "Given up")],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(null=True)),
                ("worker", models.CharField(blank=True, max_length=80)),
                ("last_status", models.PositiveSmallIntegerField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notifications", to="tmf.subscription"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")), fields=["next_attempt_at"], name="notification_due"
                    ),
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["subscription", "resource", "id"],
                        name="notification_order",
                    ),
                    models.Index(fields=["organisation", "-id"], name="notification_tenant"),
                ],
                "constraints": [models.UniqueConstraint(fields=("subscription", "event_id"), name="notification_once")],
            },
        ),
        migrations.CreateModel(
            name="BuyerOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "external_id",
                    models.CharField(blank=True, help_text="the buyer's own id; once a tenant", max_length=80),
                ),
                (
                    "digest",
                    models.CharField(
                        blank=True, help_text="of what was sent: the same again is the same order", max_length=64
                    ),
                ),
                (
                    "version",
                    models.CharField(default="v4", help_text="the version of the API that it came by", max_length=4),
                ),
                (
                    "wish",
                    models.JSONField(
                        default=dict, help_text="what was sent, read: description, items, parties, dates …"
                    ),
                ),
                (
                    "fallout",
                    models.CharField(
                        blank=True, help_text="why it could not be routed; a person decides", max_length=1000
                    ),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="buyer_order", to="orders.order"
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
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=("organisation", "external_id"),
                        name="buyer_order_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CancelTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("acknowledged", "Acknowledged"),
                            ("in_progress", "Under way"),
                            ("done", "Done"),
                            ("failed", "Refused"),
                        ],
                        default="acknowledged",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("requested_for", models.DateTimeField(help_text="when the buyer wants it to take effect", null=True)),
                ("effective_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cancel_tasks", to="orders.order"
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
                "indexes": [models.Index(fields=["organisation", "-created_at"], name="cancel_task_tenant")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["acknowledged", "in_progress"])),
                        fields=("order",),
                        name="cancel_task_one_open",
                    )
                ],
            },
        ),
    ]
