"""The text API: what programs ask for, under /api/v1/, by the same actions as people's pages."""
