"""The access log is only added to; the database itself refuses the rest."""

from django.db import migrations

from common.migrations_triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [append_only("people_accesslog")]
