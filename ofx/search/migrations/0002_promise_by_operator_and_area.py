"""A search reads the promises of some operators for three areas: one short index range for each."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="promise",
            index=models.Index(fields=["operator", "area"], name="promise_operator_area"),
        ),
    ]
