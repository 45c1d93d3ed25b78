"""A program of the product, run with somebody looking: where are its threads, 200 times a second?

    python -m lotline.config.bench.sampled REPORT uvicorn lotline.config.asgi:app ...

What a thread waits for is told by the named statement it is in, so that the database's part and
Python's own can be told apart. Looking costs a little: figures of such a run are not to be quoted.

Not here: what the database does inside a statement.
"""

from __future__ import annotations

import atexit
import runpy
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY_S = 0.005
SHOWN = 45
WRITTEN_EVERY = 200
_ASLEEP = ("threading.py", "selectors.py", "queue.py", "thread.py", "runners.py")


class Sampler(threading.Thread):
    """Counts, until the program ends."""

    def __init__(self, report: Path) -> None:
        super().__init__(daemon=True, name="sampler")
        self._report = report
        self._looks = 0
        self._never = threading.Event()
        self._waits: Counter[str] = Counter()
        self._within: Counter[str] = Counter()
        self._at: Counter[str] = Counter()

    def run(self) -> None:
        me = threading.get_ident()
        while True:
            self._never.wait(EVERY_S)
            self._looks += 1
            if self._looks % WRITTEN_EVERY == 0:  # a signal may end it any time
                self.write()
            for thread, frame in sys._current_frames().items():  # noqa: SLF001  # the only way to see other threads
                if thread != me:
                    self._look(frame)

    def _look(self, frame: FrameType) -> None:
        top = frame
        if top.f_code.co_filename.endswith(_ASLEEP):
            return
        seen: set[str] = set()
        statement = ""
        here: FrameType | None = frame
        while here is not None:
            code = here.f_code
            if code.co_name == "_ask" and "database.py" in code.co_filename:
                statement = str(here.f_locals.get("name", ""))
            if "lotline" in code.co_filename:
                seen.add(f"{Path(code.co_filename).stem}.{code.co_name}")
            here = here.f_back
        if not seen and top.f_code.co_name == "run":
            return
        self._within.update(seen)
        if statement:
            self._waits[statement] += 1
        else:
            self._at[f"{Path(top.f_code.co_filename).stem}.{top.f_code.co_name}"] += 1

    def write(self) -> None:
        looks = max(self._looks, 1)
        parts = (
            ("in a named statement (share of looks)", self._waits),
            ("in a function of ours, with all it calls", self._within),
            ("at the very place, outside statements", self._at),
        )
        lines = []
        for title, counted in parts:
            lines.append(f"  {title}")
            lines += [
                f"    {100 * n / looks:6.1f} %  {name}" for name, n in counted.most_common(SHOWN)
            ]
        self._report.write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    report, module = Path(sys.argv[1]), sys.argv[2]
    sys.argv = sys.argv[2:]
    sampler = Sampler(report)
    atexit.register(sampler.write)
    sampler.start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
