"""What customers may read is written for them; what was published without such words is for our own people again."""

from django.db import migrations, models

ARTICLES = """
UPDATE ticketing_knownerror SET visibility = 'internal'
WHERE visibility = 'public' AND state = 'approved' AND (customer_title = '' OR customer_text = '')
"""
INDEX = """
UPDATE ticketing_knownerrorindex i SET visibility = a.visibility
FROM ticketing_knownerror a WHERE a.id = i.article_id AND a.visibility <> i.visibility
"""


class Migration(migrations.Migration):
    dependencies = [("ticketing", "0008_board_queues")]

    operations = [
        migrations.RunSQL([ARTICLES, INDEX], reverse_sql=migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="knownerror",
            constraint=models.CheckConstraint(
                condition=~models.Q(state="approved", visibility="public")
                | ~models.Q(customer_title="") & ~models.Q(customer_text=""),
                name="known_error_for_customers",
            ),
        ),
    ]
