"""Template versions never change; of a certificate, only its state and its files do."""

from django.db import migrations

from common.migrations_triggers import append_only, immutable_columns


class Migration(migrations.Migration):
    dependencies = [("certificates", "0003_initial")]
    operations = [
        append_only("certificates_templateversion"),
        immutable_columns(
            "certificates_certificate",
            [
                "number",
                "code",
                "register_code",
                "year",
                "register_number",
                "person_id",
                "completion_id",
                "template_version_id",
                "snapshot_digest",
                "issued_at",
            ],
        ),
    ]
