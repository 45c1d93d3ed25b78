"""What is handed to an outsider as evidence."""
