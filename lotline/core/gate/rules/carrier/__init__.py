"""What carriers demand before they move a text."""
