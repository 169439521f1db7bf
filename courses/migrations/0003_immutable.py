"""A completion is a fact: the database itself refuses to change or delete it."""

from django.db import migrations

from common.migrations_triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("courses", "0002_initial")]
    operations = [append_only("courses_coursecompletion")]
