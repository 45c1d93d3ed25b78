"""What can happen: one function, one transaction, one thing that happened."""
