"""People: customers who live gently.

A persona speaks when a text reaches its phone, after a human pause, in words drawn by the seed.
One invariant: nobody talks much. A phone answers at most a few times in ten minutes, so two
machines can never talk to each other without end.

Not here: what a company makes of it. Words to stop are chosen so that exact keywords miss some.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from simulator.arriving import Arriving
from simulator.world import Customer, Line, Text, World

PERSONAS = (
    "answers",
    "stops",
    "wrong_number",
    "silent",
    "starts_again",
    "photo",
    "landline",
    "unreachable",
)
WINDOW_S = 600.0
ANSWERS_MAX = 3

QUESTION = (
    "Yes that works",
    "Can we do tomorrow instead?",
    "Let me check with my wife and get back to you",
    "Sounds good, thank you!",
    "What time do you close?",
    "I can be there around 4",
    "Yes please",
    "Not today, maybe this weekend",
)
STATEMENT = (
    "Thanks!",
    "Ok great 👍",
    "Got it, thanks for letting me know",
    "Perfect",
    "Is it still available?",
    "How much would that be a month?",
    "Do you have it in blue?",
    "ok",
)
OPENERS = (
    "Hi, are you open today?",
    "Hello, is my car ready?",
    "Do you still have the blue one?",
    "Can I move my appointment to next week?",
    "Running 10 minutes late, sorry!",
    "Is the price still the same?",
)
STOPS = (
    "STOP",
    "Please stop texting me",
    "take me off your list",
    "Stop.",
    "no more messages please",
    "unsubscribe",
    "Quit texting me",
)
WRONG = (
    "Wrong number",
    "I think you have the wrong number",
    "Who is this? I never asked about a car",
    "Sorry wrong person",
)
AGAIN = ("START", "Start", "START")
PHOTO_WORDS = ("Here is my trade-in", "This is the scratch I meant", "")


@dataclass
class Tempo:
    """How soon people answer and how often somebody writes first, in seconds."""

    soonest_s: float = 3.0
    latest_s: float = 25.0
    opener_every_s: float = 90.0


class People:
    """Everybody with a phone and a temper."""

    def __init__(
        self,
        world: World,
        arriving: Arriving,
        dice: random.Random,
        start: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        """`start` runs a coroutine beside."""
        self._world = world
        self._arriving = arriving
        self._dice = dice
        self._start = start
        self._spoke_at: dict[str, deque[float]] = defaultdict(deque)
        self._changed = asyncio.Event()
        self.tempo = Tempo()
        self.own_url = ""

    def on_arrival(self, text: Text) -> None:
        """A text reached a phone; its owner may answer."""
        customer = self._world.customers.get(text.phone)
        if customer is None or not self._world.life_on or not self._may_speak(customer):
            return
        reply = self._reply(customer, text)
        if reply is None:
            return
        self._spoke_at[customer.number].append(time.monotonic())
        self._world.record("spoke", number=customer.number)
        self._start(self._say_later(customer, self._world.line_of(text), *reply))

    async def live(self) -> None:
        """Now and then somebody writes first."""
        while True:
            wait_s = self.tempo.opener_every_s * self._dice.uniform(0.6, 1.4)
            try:
                await asyncio.wait_for(self._changed.wait(), wait_s)
                self._changed.clear()
            except TimeoutError:
                if self._world.life_on:
                    await self._open()

    def change_tempo(self, **seconds: float) -> None:
        """From now on; whoever waits to write first waits anew."""
        for name, value in seconds.items():
            setattr(self.tempo, name, value)
        self.tempo.latest_s = max(self.tempo.latest_s, self.tempo.soonest_s)
        self._changed.set()

    async def _open(self) -> None:
        writers = [
            one
            for one in self._world.customers.values()
            if one.persona in {"answers", "photo"}
            and one.line in self._world.lines
            and self._may_speak(one)
        ]
        if not writers:
            return
        customer = self._dice.choice(writers)
        self._spoke_at[customer.number].append(time.monotonic())
        line = self._world.lines[str(customer.line)]
        await self._arriving.write(customer.number, line, self._dice.choice(OPENERS), [])

    async def _say_later(self, customer: Customer, line: Line, body: str, media: list[str]) -> None:
        tempo = self.tempo
        await asyncio.sleep(self._dice.uniform(tempo.soonest_s, tempo.latest_s))
        if not self._world.life_on:
            return
        await self._arriving.write(customer.number, line, body, media)
        if customer.persona == "starts_again" and body not in AGAIN:
            await asyncio.sleep(tempo.latest_s * self._dice.uniform(1.5, 3))
            if self._world.life_on:
                self._world.record("spoke", number=customer.number)
                await self._arriving.write(customer.number, line, self._dice.choice(AGAIN), [])

    def _reply(self, customer: Customer, text: Text) -> tuple[str, list[str]] | None:
        said = self._world.customers[customer.number].said
        if customer.persona in {"stops", "starts_again"} and said == 0:
            return self._dice.choice(STOPS), []
        if customer.persona == "wrong_number" and said == 0:
            return self._dice.choice(WRONG), []
        if customer.persona == "photo" and said == 0:
            words = self._dice.choice(PHOTO_WORDS)
            return words, [f"{self.own_url}/sim/static/photo.png"]
        talks = customer.persona in {"answers", "photo"} or (
            customer.persona == "starts_again" and said >= 2
        )
        if not talks or self._dice.random() < 0.25:
            return None
        return self._dice.choice(QUESTION if "?" in text.body else STATEMENT), []

    def _may_speak(self, customer: Customer) -> bool:
        spoke_at = self._spoke_at[customer.number]
        now = time.monotonic()
        while spoke_at and now - spoke_at[0] > WINDOW_S:
            spoke_at.popleft()
        return len(spoke_at) < ANSWERS_MAX
