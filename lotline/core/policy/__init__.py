"""What this business asks of its own people."""
