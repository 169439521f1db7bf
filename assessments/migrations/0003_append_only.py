"""Versions, papers, answers and marks are evidence: the database itself refuses to change or delete them."""

from django.db import migrations

from common.migrations_triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("assessments", "0002_initial")]
    operations = [
        append_only("assessments_questionversion"),
        append_only("assessments_quizversion"),
        append_only("assessments_paper"),
        append_only("assessments_responseevent"),
        append_only("assessments_gradingrun"),
        append_only("assessments_slotgrade"),
    ]
