import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import ofx.core.secrets

# The table of Django's database cache (settings.CACHES): rate limits live here, so a lost broker loses none.
CACHE = """CREATE TABLE core_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL,
           expires timestamptz NOT NULL);
           CREATE INDEX core_cache_expires ON core_cache (expires);"""


class Migration(migrations.Migration):
    initial = True
    # What these did one after the other stands here at once; a database that had them all goes on without a step.
    replaces = [
        ("core", "0001_initial"),
        ("core", "0002_cache_table"),
        ("core", "0003_savedview_shared_alert_watch"),
        ("core", "0004_digest"),
        ("core", "0005_accounts"),
        ("core", "0006_mail_sent"),
        ("core", "0007_mail_headers"),
        ("core", "0008_notices"),
    ]

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Calendar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("subject", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("payload", models.JSONField(default=dict)),
                ("settled", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("settled", False)), fields=["id"], name="event_open"),
                    models.Index(fields=["subject", "at"], name="event_subject"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("part", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(blank=True, max_length=150)),
                ("time_zone", models.CharField(default="Europe/London", max_length=50)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "is_service",
                    models.BooleanField(default=False, help_text="a program: it has tokens and can never sign in"),
                ),
                (
                    "session_epoch",
                    models.PositiveIntegerField(default=0, help_text="raised to end every session at once"),
                ),
                ("digest", models.BooleanField(default=True, help_text="the day's digest by e-mail, on working days")),
                ("digest_on", models.DateField(help_text="the person's own day of the last digest", null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Lower("email"), name="user_email_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("published_at", models.DateTimeField()),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="core.calendar"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("calendar", "number"), name="calendar_version_once")],
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField()),
                ("working", models.BooleanField()),
                (
                    "total",
                    models.PositiveIntegerField(
                        help_text="working days from the version's first date to this one, inclusive"
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=80)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="days", to="core.calendarversion"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["version", "total", "date"], name="calendar_total")],
                "constraints": [models.UniqueConstraint(fields=("version", "date"), name="calendar_day_once")],
            },
        ),
        migrations.CreateModel(
            name="Failing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subscriber", models.CharField(max_length=120)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField()),
                ("error", models.TextField()),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="failing", to="core.event"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("event", "subscriber"), name="failing_once")],
            },
        ),
        migrations.CreateModel(
            name="Handled",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subscriber", models.CharField(max_length=120)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="handled", to="core.event"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("event", "subscriber"), name="handled_once")],
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
                (
                    "headers",
                    models.JSONField(
                        default=dict, help_text="further headers, such as those that keep a thread together"
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("next_attempt_at", models.DateTimeField(help_text="empty once it is sent or given up", null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["sent_at"], name="mail_sent"),
                    models.Index(
                        condition=models.Q(("next_attempt_at__isnull", False)),
                        fields=["next_attempt_at"],
                        name="mail_due",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(blank=True, max_length=80)),
                ("hint", models.CharField(help_text="the last characters, to tell tokens apart", max_length=8)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_on", models.DateField(help_text="the day only: one write a day", null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to="core.membership"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("exchange", "Exchange"),
                            ("service_provider", "Service provider"),
                            ("operator", "Operator"),
                            ("customer", "Customer"),
                        ],
                        max_length=20,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("slug", models.SlugField(max_length=60, unique=True)),
                (
                    "country",
                    models.CharField(
                        default="GB", help_text="ISO 3166 code; default country of searches", max_length=2
                    ),
                ),
                ("account_number", models.CharField(blank=True, max_length=40)),
                ("active", models.BooleanField(default=True)),
                (
                    "second_factor_from",
                    models.DateTimeField(
                        blank=True, help_text="from when its people need a second factor; empty: never", null=True
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        help_text="the service provider that a customer belongs to",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="customers",
                        to="core.organisation",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "indexes": [models.Index(fields=["provider", "name"], name="organisation_customers")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "customer"), ("provider__isnull", False)),
                            models.Q(models.Q(("kind", "customer"), _negated=True), ("provider__isnull", True)),
                            _connector="OR",
                        ),
                        name="organisation_customer_has_provider",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeSent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipient", models.EmailField(max_length=254)),
                ("kind", models.CharField(max_length=20)),
                ("subject", models.CharField(help_text="what it is about, such as order:17", max_length=80)),
                ("key", models.CharField(help_text="names the piece of news for ever", max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["subject"], name="notice_sent_subject")],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "recipient", "key"), name="notice_sent_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "email",
                    models.EmailField(
                        blank=True, help_text="lower case; only where there is no account", max_length=254
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("channel", models.CharField(choices=[("email", "E-mail"), ("portal", "Portal")], max_length=6)),
                ("wanted", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_choices",
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", False)),
                        fields=("organisation", "user", "kind", "channel"),
                        name="notice_choice_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", True)),
                        fields=("organisation", "email", "kind", "channel"),
                        name="notice_choice_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("user__isnull", True), models.Q(("email", ""), _negated=True)),
                            models.Q(("email", ""), ("user__isnull", False)),
                            _connector="OR",
                        ),
                        name="notice_choice_whose",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="core.organisation"
            ),
        ),
        migrations.CreateModel(
            name="LogEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("actor_name", models.CharField(default="OFX", max_length=150)),
                ("subject", models.CharField(max_length=80)),
                ("verb", models.CharField(max_length=120)),
                ("data", models.JSONField(default=dict)),
                (
                    "actor",
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
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["subject", "at"], name="log_subject"),
                    models.Index(fields=["organisation", "-at"], name="log_tenant"),
                    models.Index(fields=["-at", "-id"], name="log_time"),
                    models.Index(fields=["actor", "-at"], name="log_actor"),
                ],
            },
        ),
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
        migrations.AddField(
            model_name="event",
            name="organisation",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
            ),
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=80)),
                ("text", models.CharField(max_length=300)),
                ("url", models.CharField(max_length=200)),
                ("key", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="alerts", to=settings.AUTH_USER_MODEL
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
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(fields=["user", "-at"], name="alert_person"),
                    models.Index(condition=models.Q(("read_at", None)), fields=["user"], name="alert_unread"),
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="alert_once")],
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
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=120)),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(max_length=1000)),
                ("shared", models.BooleanField(default=False, help_text="colleagues of the organisation see it too")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "organisation", "path", "name"), name="saved_view_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SingleSignOn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(help_text="its part of the callback address", max_length=20, unique=True)),
                ("name", models.CharField(help_text="as the sign-in page calls it", max_length=60)),
                ("issuer", models.CharField(max_length=200)),
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
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="watches", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["subject"], name="watch_subject")],
                "constraints": [models.UniqueConstraint(fields=("user", "organisation", "subject"), name="watch_once")],
            },
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("user", "organisation"), name="membership_once"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["organisation", "-at"], name="event_tenant"),
        ),
        migrations.RunSQL(CACHE, "DROP TABLE core_cache"),
    ]
