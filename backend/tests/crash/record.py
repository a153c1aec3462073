"""What the matrix saw, kept for `python -m tests.crash.table` in the file that CRASH_RECORD names."""

import json
import os
from pathlib import Path

from tests.crash.points import Point
from tests.crash.stories import Story


def keep(story: Story, at: int, point: Point, *, on_disk: str, repaired_by: str) -> None:
    """Add a line, if anybody wants it."""
    path = os.environ.get("CRASH_RECORD")
    if not path:
        return
    line = {"story": story.name, "dies": story.dies, "at": at, "point": str(point), "on_disk": on_disk, "by": repaired_by}
    with Path(path).open("a") as file:
        file.write(json.dumps(line) + "\n")
