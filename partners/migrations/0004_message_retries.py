"""How often a person had a message tried again: each time grants a new round of attempts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0003_hub_pace_and_probe")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="retries",
            field=models.PositiveSmallIntegerField(default=0, help_text="how often a person had it tried again"),
        ),
    ]
