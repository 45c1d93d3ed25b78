"""What people say in a life, and what it means to whoever reads it: told apart by hand.

Not here: how the product hears it (`lotline.core.consent.hearing`).
"""

from __future__ import annotations

PLAIN = (
    "Is it there?",
    "Thanks!",
    "When are you open?",
    "What does it cost?",
    "HELP",
    "ok see you",
)
STARTS = ("START", "START", "UNSTOP")
OUT = ("STOP", "stop", "Unsubscribe", "STOP texting me", "Wrong number", "please leave me alone")
NO_OFFERS = ("no more promotions please, just my service updates",)
STOPS = (*OUT, "STOP", *NO_OFFERS)
ANSWERS = ("It is.", "Come by at ten.", "Ask for Ben.", "Your car is ready for pickup.")
OFFERS = ("Save 500 dollars this weekend only!", "New deals on trucks, come in today!")
