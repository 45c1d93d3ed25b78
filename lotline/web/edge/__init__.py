"""The edge: what is answered without Django. Carriers' webhooks, the live stream, health, metrics."""
