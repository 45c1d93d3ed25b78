"""Who signs in."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """The account, and the cache that counts failed sign-ins across processes."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Account",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("username", models.CharField(max_length=64, unique=True)),
                ("is_active", models.BooleanField(default=True)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={"db_table": "accounts"},
        ),
        migrations.RunSQL(
            """
            create table shared_cache (
                cache_key varchar(255) primary key,
                value text not null,
                expires timestamptz not null
            );
            create index shared_cache_expires on shared_cache (expires);
            """
        ),
    )
