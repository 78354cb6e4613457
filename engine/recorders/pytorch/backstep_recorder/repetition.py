"""Which passes of a run are watched: one that repeats an earlier run logs each as that did."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Optional


class Repetition:
    """Follows the passes of an earlier run of the script, where there is one, and notes others.

    What the log has of a pass may depend on whether it is watched: a leaf that belongs to no module
    and no optimizer is found in the graph alone.
    """

    def __init__(self, again: Optional[dict[str, Any]]) -> None:
        given = again or {}
        changes = given.get("watched", [])
        self._starts = [int(start) for start, _ in changes]
        self._flags = [bool(flag) for _, flag in changes]
        #: How many passes the earlier run had, and the one that this run goes to.
        self._known = int(given.get("passes", 0))
        self._goal = int(given.get("goTo", -1))

    def was_watched(self, index: int) -> Optional[bool]:
        """Whether the earlier run watched a pass; None where it had none of this number."""
        place = bisect_right(self._starts, index) - 1
        return self._flags[place] if index < self._known and place >= 0 else None

    def is_on_the_way(self, index: int) -> bool:
        """Whether the pass that this run goes to is still to come."""
        return index < self._goal

    def is_goal(self, index: int) -> bool:
        """Whether this run goes to the pass."""
        return index == self._goal

    def note(self, index: int, watched: bool) -> Optional[dict[str, Any]]:
        """What is told of a pass that no earlier run had, where it differs from the one before."""
        if index < self._known or (self._flags and self._flags[-1] is watched):
            return None
        self._starts.append(index)
        self._flags.append(watched)
        return {"event": "watched", "from": index, "watched": watched}
