"""The edge: what is answered without Django: webhooks, the live stream, health, metrics."""
