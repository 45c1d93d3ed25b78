"""One text: its parts, its purpose, its life."""
