"""`./dev check`: the steps that must hold before a commit, in order, each with a name.

All steps run, so that one look shows all that is broken; the summary comes last. What takes
longer than minutes is marked `slow` and is run by `./dev test --slow` instead.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = Path(sys.executable).parent

STEPS: dict[str, list[str | Path]] = {
    "format": [TOOL / "ruff", "format", "--check", "."],
    "lint": [TOOL / "ruff", "check", "."],
    "types": [TOOL / "mypy"],
    "imports": [TOOL / "lint-imports"],
    "tidy": [sys.executable, "-m", "pytest", "-q", "tests/house/test_tidy.py"],
    "migrations": [sys.executable, "-m", "lotline.config.entry", "migrate", "--check"],
    "docs": [sys.executable, "-m", "pytest", "-q", "tests/house/test_docs.py"],
    "tests": [ROOT / "dev", "test"],
}


def main(asked: list[str]) -> int:
    unknown = [name for name in asked if name not in STEPS]
    if unknown:
        print(f"no such step: {', '.join(unknown)}. There are: {', '.join(STEPS)}")
        return 2
    results: dict[str, tuple[bool, float]] = {}
    for name in asked or STEPS:
        print(f"\n── {name}", flush=True)
        begun = time.monotonic()
        done = subprocess.run([str(part) for part in STEPS[name]], check=False, cwd=ROOT)
        results[name] = done.returncode == 0, time.monotonic() - begun
    print("\n── summary")
    for name, (kept, took_s) in results.items():
        print(f"{'kept  ' if kept else 'BROKEN'}  {name:<10} {took_s:6.1f} s")
    return int(not all(kept for kept, _ in results.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
