"""All tables, all SQL. `load_*` reads, `record_*` appends; only `actions` opens a transaction."""
