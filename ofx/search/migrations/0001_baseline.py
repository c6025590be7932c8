import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A stamp of the directory that every web process keeps in memory (docs/search.md, "The directory and its stamp").
#
# Any statement that touches operators, agreements, offerings, prices or weights leaves a row here, in its own
# transaction. A search reads which rows there are; it differs as soon as such a transaction commits, in whatever order
# they do, and never returns to an earlier value, since ids are not used twice. Every hundredth row sweeps older ones.

TABLES = ("partners_operator", "partners_agreement", "partners_offering", "partners_price", "search_rankingweights")

UP = """
CREATE TABLE search_change (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE FUNCTION search_directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fresh bigint;
BEGIN
    INSERT INTO search_change DEFAULT VALUES RETURNING id INTO fresh;
    IF fresh % 100 = 0 THEN
        DELETE FROM search_change WHERE id IN
            (SELECT id FROM search_change WHERE id < fresh - 100 ORDER BY id FOR UPDATE SKIP LOCKED);
    END IF;
    RETURN NULL;
END $$;
"""
ON = """
CREATE TRIGGER search_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {0}
    FOR EACH STATEMENT EXECUTE FUNCTION search_directory_changed();
"""
OFF = "DROP TRIGGER search_directory ON {0};"
DOWN = "DROP FUNCTION search_directory_changed(); DROP TABLE search_change;"


class Migration(migrations.Migration):
    initial = True
    # What these do one after the other stands here at once, for a new database. One that has some takes the rest.
    replaces = [
        ("search", "0001_initial"),
        ("search", "0002_promise_by_operator_and_area"),
        ("search", "0003_directory_stamp"),
        ("search", "0004_live_and_bulk"),
    ]

    dependencies = [
        ("core", "0008_notices"),
        ("partners", "0001_baseline"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Needs its columns mapped"),
                            ("queued", "Waiting for a worker"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                        ],
                        default="uploaded",
                        max_length=10,
                    ),
                ),
                ("file", models.FileField(upload_to="bulk/%Y/%m/")),
                ("file_name", models.CharField(max_length=200)),
                ("country", models.CharField(default="GB", max_length=2)),
                ("mapping", models.JSONField(default=dict, help_text="our column → theirs")),
                ("rows_total", models.PositiveIntegerField(default=0)),
                ("rows_done", models.PositiveIntegerField(default=0, help_text="rows whose result is committed")),
                ("rows_bad", models.PositiveIntegerField(default=0)),
                ("rows_served", models.PositiveIntegerField(default=0)),
                ("rows_orderable", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
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
                "indexes": [
                    models.Index(fields=["organisation", "-created_at"], name="bulk_tenant"),
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])), fields=["id"], name="bulk_open"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "line",
                    models.PositiveIntegerField(
                        help_text="the row's number in the file, from 1, the heading not counted"
                    ),
                ),
                ("given", models.CharField(help_text="the place as the file names it", max_length=300)),
                ("reference", models.CharField(blank=True, max_length=80)),
                ("customer", models.CharField(blank=True, max_length=120)),
                ("contact_name", models.CharField(blank=True, max_length=120)),
                ("contact_phone", models.CharField(blank=True, max_length=40)),
                ("contact_email", models.CharField(blank=True, max_length=254)),
                ("error", models.CharField(blank=True, max_length=300)),
                (
                    "note",
                    models.CharField(
                        blank=True, help_text="such as: address not known, answered for postcode", max_length=200
                    ),
                ),
                ("postcode", models.CharField(blank=True, max_length=12)),
                ("served", models.BooleanField(default=False, help_text="some operator is live here")),
                ("orderable", models.BooleanField(default=False)),
                (
                    "operators",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, help_text="live here", size=None
                    ),
                ),
                (
                    "technologies",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, help_text="live here", size=None
                    ),
                ),
                ("offers", models.PositiveSmallIntegerField(default=0)),
                ("technology", models.CharField(blank=True, max_length=20)),
                ("down_mbps", models.FloatField(null=True)),
                ("up_mbps", models.FloatField(null=True)),
                ("lead_days", models.PositiveSmallIntegerField(help_text="list lead time in working days", null=True)),
                ("score", models.FloatField(null=True)),
                ("monthly", models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                ("one_off", models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("cheapest_monthly", models.DecimalField(decimal_places=2, max_digits=10, null=True)),
                (
                    "missing",
                    models.CharField(blank=True, help_text="where nothing can be ordered: why", max_length=120),
                ),
                (
                    "address",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="partners.address",
                    ),
                ),
                (
                    "best",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="first by rank",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="partners.offering",
                    ),
                ),
                (
                    "best_operator",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="partners.operator",
                    ),
                ),
                (
                    "cheapest",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="lowest monthly price among the best's kind",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="partners.offering",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="partners.place",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="places",
                        to="search.bulkrun",
                    ),
                ),
            ],
            options={
                "ordering": ["line"],
                "constraints": [models.UniqueConstraint(fields=("run", "line"), name="bulk_place_once")],
            },
        ),
        migrations.CreateModel(
            name="LiveGate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("failures", models.PositiveIntegerField(default=0, help_text="in a row")),
                ("open_until", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                (
                    "endpoint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.endpoint"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LiveQuery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(max_length=2)),
                (
                    "code",
                    models.CharField(
                        help_text="of the place, so that a search finds answers without a join", max_length=12
                    ),
                ),
                ("api", models.CharField(help_text="tmf679 or tmf645", max_length=10)),
                ("reason", models.CharField(help_text="search, order or api", max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("answered", "Answered"),
                            ("no_answer", "No answer"),
                            ("failed", "Refused"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "available",
                    models.BooleanField(help_text="whether any of the asked products is available", null=True),
                ),
                ("lines", models.JSONField(default=list, help_text="per product: see connectors.tmf679.answers.Line")),
                ("valid_until", models.DateTimeField(null=True)),
                ("detail", models.CharField(blank=True, help_text="why there is no answer, in words", max_length=300)),
                ("simulated", models.BooleanField(default=False)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("give_up_at", models.DateTimeField()),
                ("lease_until", models.DateTimeField(null=True)),
                (
                    "external_id",
                    models.CharField(blank=True, help_text="the partner's id of an answer under way", max_length=120),
                ),
                (
                    "address",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.address"
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="partners.endpoint",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.operator"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="core.organisation"
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.place"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["code", "country", "organisation", "operator", "-asked_at"], name="live_place"
                    ),
                    models.Index(
                        condition=models.Q(("state", "asked")), fields=["endpoint", "due_at"], name="live_due"
                    ),
                    models.Index(fields=["asked_at"], name="live_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("organisation", "operator", "place", "address"),
                        name="live_one_open",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "answered"), _negated=True),
                            ("valid_until__isnull", False),
                            _connector="OR",
                        ),
                        name="live_answer_has_an_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Promise",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("technology", models.CharField(blank=True, max_length=20)),
                ("area", models.CharField(blank=True, help_text="postcode area or outcode", max_length=10)),
                ("sample", models.PositiveIntegerField()),
                ("p50_days", models.FloatField()),
                ("p80_days", models.FloatField()),
                ("on_time", models.FloatField(help_text="share completed by the committed date", null=True)),
                ("fallout", models.FloatField(help_text="share rejected, failed or cancelled", null=True)),
                ("computed_at", models.DateTimeField()),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="promises", to="partners.operator"
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
                "indexes": [models.Index(fields=["operator", "area"], name="promise_operator_area")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "operator", "technology", "area"),
                        name="promise_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(condition=models.Q(("sample__gt", 0)), name="promise_has_cases"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RankingWeights",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("price", models.PositiveSmallIntegerField(default=30)),
                ("speed", models.PositiveSmallIntegerField(default=15)),
                ("lead_time", models.PositiveSmallIntegerField(default=25)),
                ("reliability", models.PositiveSmallIntegerField(default=20)),
                ("confidence", models.PositiveSmallIntegerField(default=10)),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ranking_weights",
                        to="core.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("country", models.CharField(max_length=2)),
                ("code", models.CharField(max_length=12)),
                (
                    "premises",
                    models.CharField(
                        blank=True, help_text="key of the address, where one was ordered for", max_length=64
                    ),
                ),
                ("subject", models.CharField(help_text="what proved it, such as partner_order:17", max_length=80)),
                ("order", models.CharField(blank=True, help_text="that order's reference", max_length=40)),
                ("confirmed", models.BooleanField()),
                ("reason", models.CharField(blank=True, help_text="canonical reason of a refusal", max_length=40)),
                ("text", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
                ("simulated", models.BooleanField(default=False, help_text="stays out of the rate")),
                (
                    "live",
                    models.ForeignKey(
                        help_text="the live answer that was judged",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="search.livequery",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="partners.operator"
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
                "indexes": [
                    models.Index(fields=["code", "country", "organisation", "operator", "-at"], name="verdict_place"),
                    models.Index(fields=["operator", "organisation", "confirmed"], name="verdict_rate"),
                ],
                "constraints": [models.UniqueConstraint(fields=("organisation", "subject"), name="verdict_once")],
            },
        ),
        migrations.RunSQL(
            UP + "".join(ON.format(table) for table in TABLES), "".join(OFF.format(table) for table in TABLES) + DOWN
        ),
    ]
