import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import noirel.core.domain.ids

# Who is signed in stays so: a session for every family of refresh tokens.
SESSIONS = """
INSERT INTO accounts_session (id, user_id, created_at, refreshed_at, expires_at, ended_at)
SELECT family, (array_agg(user_id))[1], min(created_at), max(created_at), max(expires_at),
    CASE WHEN bool_and(revoked_at IS NOT NULL) THEN max(revoked_at) END
FROM accounts_refreshtoken GROUP BY family
ON CONFLICT (id) DO NOTHING
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.UUIDField(default=noirel.core.domain.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('refreshed_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='user',
            name='pending_email',
            field=models.EmailField(blank=True, db_default='', default='', help_text='Becomes the e-mail once its mailbox has confirmed it.', max_length=254),
        ),
        migrations.RunSQL(SESSIONS, migrations.RunSQL.noop),
    ]
