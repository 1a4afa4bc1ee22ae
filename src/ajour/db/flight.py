"""What is under way to the server: all that may have taken effect when the line is cut."""

from dataclasses import dataclass, field

from ajour.db.segment import Segment
from ajour.db.wire import Command


@dataclass
class Flight:
    """What was under way when something happened to the connection."""

    segments: dict[Command, Segment] = field(default_factory=dict)
    """Commands that were sent and not answered yet, in their order."""
    pid: int = 0
    """The server process that does the work: behind a pooler, another one each time."""
    xid: str | None = None
    """The transaction that was open last, as far as the answers tell."""

    @property
    def names(self) -> tuple[str, ...]:
        """The migrations that something was sent of."""
        return tuple(dict.fromkeys(segment.name for segment in self.segments.values()))

    @property
    def in_doubt(self) -> tuple[str, ...]:
        """The migrations of which something may have taken effect that was not answered."""
        lasting = (
            segment.name
            for command, segment in self.segments.items()
            if command in (segment.commit, segment.lasting)
        )
        return tuple(dict.fromkeys(lasting))
