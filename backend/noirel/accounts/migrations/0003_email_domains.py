"""The domains of e-mail addresses in the one spelling that the API reads them in (core/emails.py)."""

from typing import Any

from django.db import migrations

from noirel.core.emails import canonical_email


def spell_domains(apps: Any, schema_editor: Any) -> None:
    """Safe to repeat. An address that somebody else has, or that has no such spelling, stays as it is."""
    user = apps.get_model("accounts", "User")
    for pk, email in user.objects.exclude(email__regex=r"^[\x01-\x7f]*$").values_list("pk", "email"):
        try:
            canonical = canonical_email(email)
        except ValueError:
            continue
        if not user.objects.filter(email=canonical).exists():
            user.objects.filter(pk=pk, email=email).update(email=canonical)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sessions")]
    operations = [migrations.RunPython(spell_domains, migrations.RunPython.noop, elidable=True)]
