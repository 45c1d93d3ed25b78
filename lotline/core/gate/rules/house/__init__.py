"""What this company demands of its own people and lines."""
