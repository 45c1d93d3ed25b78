"""What an installation serves: every file once, small, under a name that changes with it."""

from __future__ import annotations

import json
from pathlib import Path

from lotline.config.assets import collect

SOURCE = Path(__file__).parents[2] / "lotline" / "web" / "static"


def test_what_is_collected_is_ours_without_what_only_people_read(tmp_path: Path) -> None:
    to = tmp_path / "assets"
    collect(to)
    names = json.loads((to / "staticfiles.json").read_text())["paths"]
    ours = [f"{one.parent.name}/{one.name}" for one in SOURCE.glob("*/*.[jc]s*")]
    assert len(ours) > 10
    for name in ours:
        served = (to / names[name]).read_text()
        assert "/*" not in served, name
        assert len(served) < len((SOURCE / name).read_text()), name
        assert (to / f"{names[name]}.br").is_file(), name
    before = (to / names["js/lot.js"]).stat().st_mtime_ns
    collect(to)
    assert (to / names["js/lot.js"]).stat().st_mtime_ns == before, "nothing changed"
