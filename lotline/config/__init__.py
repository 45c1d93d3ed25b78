"""Settings, entry points and the one place where adapters, the clock and ids are chosen."""
