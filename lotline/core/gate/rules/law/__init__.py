"""What the law demands."""
