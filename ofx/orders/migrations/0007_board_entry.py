"""What the board reads when it is narrowed, filled for the orders that are there."""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
INSERT INTO orders_boardentry (organisation_id, order_id, narrowing, holder, blocked_since, value_monthly, target_date,
    silent_from)
SELECT DISTINCT o.organisation_id, o.id, k.narrowing, o.holder, o.blocked_since, o.value_monthly,
    CASE WHEN o.state <> 'completed' THEN o.target_date END, o.silent_from
FROM orders_order o JOIN orders_partnerorder p ON p.order_id = o.id AND p.ended_at IS NULL
JOIN orders_orderitem i ON i.id = p.item_id JOIN partners_offering f ON f.id = i.offering_id,
LATERAL (VALUES (p.operator_id || ':'), (':' || f.kind), (p.operator_id || ':' || f.kind)) k (narrowing)
WHERE o.closed_at IS NULL
"""
OWNERS = [
    ("us", "Us"),
    ("partner", "Partner"),
    ("end_customer", "Customer"),
    ("third_party", "Third party"),
    ("force_majeure", "Force majeure"),
]


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial"), ("orders", "0006_changes"), ("partners", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="BoardEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "narrowing",
                    models.CharField(
                        help_text="operator's id and kind of product: 7:, :device, 7:device", max_length=60
                    ),
                ),
                ("holder", models.CharField(blank=True, choices=OWNERS, max_length=15)),
                ("blocked_since", models.DateTimeField(null=True)),
                ("value_monthly", models.DecimalField(decimal_places=2, default=0, max_digits=10)),
                ("target_date", models.DateField(help_text="none where the order is completed", null=True)),
                ("silent_from", models.DateTimeField(null=True)),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="board_entries",
                        to="orders.order",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.organisation"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("blocked_since__isnull", False)),
                        fields=["organisation", "narrowing", "holder", "blocked_since"],
                        name="board_blocked",
                    ),
                    models.Index(
                        condition=models.Q(("blocked_since__isnull", False)),
                        fields=["organisation", "narrowing", "holder", "-value_monthly"],
                        name="board_blocked_value",
                    ),
                    models.Index(
                        condition=models.Q(("target_date__isnull", False)),
                        fields=["organisation", "narrowing", "target_date", "-value_monthly"],
                        name="board_target",
                    ),
                    models.Index(
                        condition=models.Q(("silent_from__isnull", False)),
                        fields=["organisation", "narrowing", "silent_from"],
                        name="board_silent",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("order", "narrowing"), name="board_entry_once"),
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
