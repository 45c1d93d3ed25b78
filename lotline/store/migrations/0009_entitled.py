"""The policy's wording, training, quizzes, and what they add up to."""

from __future__ import annotations

from django.db import migrations

from lotline.store.steps import keep_apart, run_file


class Migration(migrations.Migration):
    """Runs the file of its own name; then each tenant sees its own rows alone."""

    dependencies = (("store", "0008_words"),)
    operations = (
        run_file("0009_entitled.sql"),
        keep_apart("training_steps", "quizzes", "quiz_answers"),
    )
