import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import ofx.core.secrets


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_digest"),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("admin", "Administrator"),
                            ("order_desk", "Order desk"),
                            ("fault_desk", "Fault desk"),
                            ("governance", "Governance"),
                            ("finance", "Finance"),
                            ("read_only", "Read only"),
                            ("fulfilment", "Fulfilment"),
                            ("assurance", "Assurance"),
                            ("user", "User"),
                        ],
                        max_length=20,
                    ),
                ),
                ("message", models.TextField(blank=True, max_length=500)),
                (
                    "serial",
                    models.PositiveIntegerField(
                        default=1, help_text="raised with each sending: only the newest link works"
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invited_by",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="core.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        models.F("organisation"),
                        condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                        name="invitation_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("to", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("text", ofx.core.secrets.SecretField(blank=True)),
                ("html", ofx.core.secrets.SecretField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("next_attempt_at", models.DateTimeField(help_text="empty once it is sent or given up", null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_attempt_at__isnull", False)),
                        fields=["next_attempt_at"],
                        name="mail_due",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonalRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("export", "Copy of the data"), ("erasure", "Erasure")], max_length=10),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("email", models.EmailField(help_text="whose data; replaced once it is erased", max_length=254)),
                ("created_at", models.DateTimeField()),
                ("claimed_until", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("steps_done", models.PositiveSmallIntegerField(default=0)),
                ("steps", models.PositiveSmallIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(help_text="when the file is deleted", null=True)),
                ("file", models.FileField(blank=True, upload_to="personal/")),
                ("report", models.JSONField(default=list, help_text="what was done and what was kept, in words")),
                (
                    "asked_by",
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
                        help_text="only in here; empty: everywhere",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="core.organisation",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=("email", "kind", "organisation"),
                        name="personal_request_open_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SingleSignOn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(help_text="its part of the callback address", max_length=20, unique=True)),
                ("name", models.CharField(help_text="as the sign-in page calls it", max_length=60)),
                ("issuer", models.URLField()),
                ("client_id", models.CharField(max_length=190)),
                ("client_secret", ofx.core.secrets.SecretField(blank=True)),
                (
                    "domains",
                    models.JSONField(default=list, help_text="e-mail domains that it may speak for, lower case"),
                ),
                (
                    "default_role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("admin", "Administrator"),
                            ("order_desk", "Order desk"),
                            ("fault_desk", "Fault desk"),
                            ("governance", "Governance"),
                            ("finance", "Finance"),
                            ("read_only", "Read only"),
                            ("fulfilment", "Fulfilment"),
                            ("assurance", "Assurance"),
                            ("user", "User"),
                        ],
                        help_text="role of new people; empty: none join",
                        max_length=20,
                    ),
                ),
                (
                    "only",
                    models.BooleanField(default=False, help_text="the organisation's people cannot use a password"),
                ),
                ("active", models.BooleanField(default=True)),
                ("proven_at", models.DateTimeField(help_text="last sign-in with the present settings", null=True)),
                ("updated_at", models.DateTimeField()),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sign_on", to="core.organisation"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="apitoken",
            name="expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="last_used_on",
            field=models.DateField(help_text="the day only: one write a day", null=True),
        ),
        migrations.AddField(
            model_name="organisation",
            name="second_factor_from",
            field=models.DateTimeField(
                blank=True, help_text="from when its people need a second factor; empty: never", null=True
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="is_service",
            field=models.BooleanField(default=False, help_text="a program: it has tokens and can never sign in"),
        ),
        migrations.AddField(
            model_name="user",
            name="session_epoch",
            field=models.PositiveIntegerField(default=0, help_text="raised to end every session at once"),
        ),
        migrations.AddIndex(
            model_name="logentry",
            index=models.Index(fields=["-at", "-id"], name="log_time"),
        ),
        migrations.AddIndex(
            model_name="logentry",
            index=models.Index(fields=["actor", "-at"], name="log_actor"),
        ),
    ]
