"""The `lotline` command: one file per command that needs neither a page nor a worker."""
