"""Lotline: business texting that a company can trust."""
