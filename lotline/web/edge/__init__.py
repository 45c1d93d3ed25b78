"""The edge: what is answered without Django. Carriers' webhooks, the live stream, health, metrics.

Every module here gives `routes`; they find the house in `request.app.state`: `context` (what
actions act with) and `direct_dsn` (never through a pooler, for LISTEN).
"""
