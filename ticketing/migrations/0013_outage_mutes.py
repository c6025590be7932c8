"""Who wanted no mail about outages said so in a table of its own; now it is one of the kinds of news."""

from typing import Any

from django.db import migrations

KEPT = """
INSERT INTO core_noticechoice (organisation_id, user_id, email, kind, channel, wanted, at)
SELECT DISTINCT c.provider_id, x.user_id, '', k.kind, 'email', false, x.at
FROM ticketing_outagemute x
JOIN core_membership m ON m.user_id = x.user_id
JOIN core_organisation c ON c.id = m.organisation_id AND c.provider_id IS NOT NULL
CROSS JOIN (VALUES ('outages'), ('planned_works')) AS k(kind)
ON CONFLICT DO NOTHING
"""
BACK = """
INSERT INTO ticketing_outagemute (user_id, at)
SELECT user_id, min(at) FROM core_noticechoice
WHERE kind = 'outages' AND channel = 'email' AND NOT wanted AND user_id IS NOT NULL GROUP BY user_id
"""


class Migration(migrations.Migration):
    dependencies: Any = [
        ("core", "0008_notices"),
        ("ticketing", "0012_guide_run_email"),
    ]

    operations: Any = [
        migrations.RunSQL(KEPT, BACK),
        migrations.DeleteModel(name="OutageMute"),
    ]
