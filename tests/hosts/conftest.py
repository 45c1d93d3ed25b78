"""Django stands before anything of the site is imported."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lotline.config.django_settings")
django.setup()
