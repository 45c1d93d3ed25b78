"""The Merkle log that makes history impossible to change unseen."""
