"""What is under way to the server: all that may have taken effect when the line is cut."""

from collections import deque
from dataclasses import dataclass, field

from ajour.db.segment import Segment
from ajour.db.wire import Command
from ajour.events import Done, Event


@dataclass
class Flight:
    """What was under way when something happened to the connection."""

    segments: dict[Command, Segment] = field(default_factory=dict)
    """Commands that were sent and not answered yet, in their order."""
    untold: deque[Event] = field(default_factory=deque)
    """What came true, from the first commit on that may not be on disk yet."""
    on_disk: bool = True
    """Whether the last commit is: then all before it are."""
    lazy: bool = False
    """Whether the next COMMIT will be answered before it is on disk."""
    pid: int = 0
    """The server process that does the work: behind a pooler, another one each time."""
    xid: str | None = None
    """The transaction that was open last, as far as the answers tell."""

    @property
    def names(self) -> tuple[str, ...]:
        """The migrations that something was sent of, and that are not told of as done."""
        under_way = (segment.name for segment in self.segments.values())
        return tuple(dict.fromkeys((*self._untold, *under_way)))

    @property
    def in_doubt(self) -> tuple[str, ...]:
        """The migrations of which something may have taken effect that was not told of."""
        lasting = (
            segment.name
            for command, segment in self.segments.items()
            if command in (segment.commit, segment.lasting)
        )
        return tuple(dict.fromkeys((*self._untold, *lasting)))

    @property
    def _untold(self) -> tuple[str, ...]:
        return tuple(event.name for event in self.untold if isinstance(event, Done))
