"""One line of history of every table. Each step runs its own .sql file."""
