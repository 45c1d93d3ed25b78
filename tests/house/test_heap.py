"""What was loaded is set aside; what comes after is still looked through."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from lotline.config import heap


class Ring:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def own_heap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = gc.get_threshold()
    monkeypatch.setattr(heap, "AFTER_S", (0.01, 600.0))
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("own_heap")
def test_what_is_loaded_is_set_aside_twice_and_garbage_still_goes() -> None:
    loaded = len(gc.get_objects())
    soon, later = heap.set_heap_aside()
    soon.join(60)
    assert gc.get_freeze_count() > loaded / 2
    assert len(gc.get_objects()) < loaded / 10, "a full collection has little to look through"
    page = [Ring() for _ in range(1000)]  # loaded by the first page
    later.cancel()
    later.function()  # as if its time had come
    looked_through = {id(one) for one in gc.get_objects()}
    assert not looked_through & {id(one) for one in page}
    gone = weakref.ref(Ring())
    gc.collect()
    assert gone() is None
