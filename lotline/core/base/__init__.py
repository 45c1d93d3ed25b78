"""Numbers, places and ids: what every other word stands on."""
