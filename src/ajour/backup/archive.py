"""Reads pg_dump's own format: pg_restore turns it into a script, and the script is run by us.

So one transaction holds everything, the first error ends it, the connection is the project's own
(also with TLS, or through a tunnel), and rows can go to another table than they came from.
"""

import re
import tempfile
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing

from ajour.backup.pieces import Piece, Rows
from ajour.engines.binaries import Binaries
from ajour.engines.pgdump import script
from ajour.model import Relation
from ajour.saved import Backup, SavedTable
from ajour.sql.names import IDENTIFIER, qualified, unquoted
from ajour.sql.split import leading_words, split

_COPY = re.compile(rf"COPY ({IDENTIFIER})\.({IDENTIFIER}) +(?:\((.*)\) )?FROM stdin;\n?")
_END = b"\\.\n"
CHUNK = 1 << 16

_OF_TABLE = (
    *("TABLE", "TABLE ATTACH", "TABLE DATA", "DEFAULT", "CONSTRAINT", "FK CONSTRAINT"),
    *("CHECK CONSTRAINT", "TRIGGER", "POLICY", "ROW SECURITY", "RULE"),
)
_OF_INDEX = ("INDEX", "INDEX ATTACH")
_OF_SEQUENCE = ("SEQUENCE", "SEQUENCE OWNED BY", "SEQUENCE SET")
_WITH_OTHERS = {
    *("schema", "extension", "event", "publication"),
    *("table", "index", "trigger", "policy", "rule"),
}
"""What is not dropped by itself: it stays, or goes with its table."""
_NAMED = ("TABLE", "COLUMN", "INDEX", "SEQUENCE")
"""What an ACL or a COMMENT is about, as it is written before the name."""


class Archive:
    """The file of one backup, to be read for all of it or for some tables."""

    def __init__(
        self, backup: Backup, binaries: Binaries | None, only: Collection[Relation] | None
    ) -> None:
        assert backup.dump_major is not None, "made by pg_dump"
        self.backup, self.binaries, self.major = backup, binaries, backup.dump_major
        self.listed = None if only is None else self._list(only)

    def before(self) -> list[str]:
        """Return the statements that make what the rows go into."""
        return self._section("pre-data")

    def after(self) -> list[str]:
        """Return the statements for behind the rows: keys, indexes, triggers."""
        return self._section("post-data")

    def drops(self) -> list[str]:
        """Return the statements that remove what the backup makes, as far as it is there.

        Tables go together: their foreign keys and partitions hold each other. Schemas, extensions
        and the like stay: others may use them as well.
        """
        statements = (each.text for each in split(self._text("--clean", "--if-exists", "-s")))
        return removals(self.backup, statements)

    def data(self) -> Iterator[Piece]:
        """Yield the rows, and the statements that set sequences and write large objects."""
        with self._selected() as words, closing(self._lines("--section=data", *words)) as lines:
            yield from _pieces(lines)

    def _section(self, name: str) -> list[str]:
        return [each.text for each in split(self._text(f"--section={name}"))]

    def _text(self, *words: str) -> str:
        with self._selected() as selected:
            return b"".join(self._lines(*words, *selected)).decode()

    def _lines(self, *words: str) -> Generator[bytes, None, None]:
        always = ("--no-owner", "--no-tablespaces")
        return script(self.backup.path, self.major, self.binaries, (*always, *words))

    def _selected(self) -> "_Selection":
        return _Selection(self.listed)

    def _list(self, only: Collection[Relation]) -> str:
        """Return the lines of the table of contents that the tables are made of."""
        chosen = [each for each in self.backup.tables if each.relation in only]
        others = [each for each in self.backup.tables if each.relation not in only]
        lines = b"".join(script(self.backup.path, self.major, self.binaries, ("--list",))).decode()
        found = [line for line in lines.splitlines() if _belongs(line, chosen, others)]
        return "".join(f"{line}\n" for line in found)


def removals(backup: Backup, statements: Iterable[str]) -> list[str]:
    """Return what removes the tables of a backup, and what stands by itself.

    `statements`: among them are the drops of all that it has.
    """
    names = ", ".join(qualified(each.relation) for each in backup.tables if each.kind != "m")
    drops = [sql for sql in statements if leading_words(sql, 1) == ("drop",)]
    return [
        *([f"drop table if exists {names}"] if names else []),
        *(sql for sql in drops if leading_words(sql, 2)[1] not in _WITH_OTHERS),
    ]


class _Selection:
    """A list of entries in a file, for as long as a pg_restore reads it."""

    def __init__(self, listed: str | None) -> None:
        self.listed = listed

    def __enter__(self) -> tuple[str, ...]:
        self.file = None
        if self.listed is None:
            return ()
        self.file = tempfile.NamedTemporaryFile("w", suffix=".list")
        self.file.write(self.listed)
        self.file.flush()
        return (f"--use-list={self.file.name}",)

    def __exit__(self, *_: object) -> None:
        if self.file is not None:
            self.file.close()


def _belongs(line: str, chosen: list[SavedTable], others: list[SavedTable]) -> bool:
    """Tell whether a line of the table of contents is about one of the tables.

    A name may hold spaces, and nothing is quoted there: the longest name that fits is meant.
    """
    entry = re.sub(r"^\d+; \d+ \d+ ", "", line)
    if entry.startswith(";"):
        return False
    mine = max((_fit(entry, each) for each in chosen), default=0)
    return mine > max((_fit(entry, each) for each in others), default=0)


def _fit(entry: str, table: SavedTable) -> int:
    """Return how much of an entry's name is the table's, 0 for another one's."""
    begins = [f"{kind} {table.schema} {table.name} " for kind in _OF_TABLE]
    begins += [f"{kind} {table.schema} {name} " for kind in _OF_INDEX for name in table.indexes]
    begins += [
        f"{kind} {table.schema} {name} " for kind in _OF_SEQUENCE for name in table.sequences
    ]
    objects = [table.name, *table.indexes, *table.sequences]
    begins += [
        f"{what} {table.schema} {kind} {name}{end}"
        for what in ("ACL", "COMMENT")
        for kind in _NAMED
        for name in objects
        for end in (" ", ".")
    ]
    return max((len(each) for each in begins if entry.startswith(each)), default=0)


def _pieces(lines: Iterator[bytes]) -> Iterator[Piece]:
    """Yield what a script of data holds: COPY with its rows, and statements of a line or more."""
    text = ""
    for line in lines:
        if not text and (line.startswith((b"--", b"\\")) or not line.strip()):
            continue
        text += line.decode()
        copy = _COPY.fullmatch(text)
        if copy:
            yield Rows(
                Relation(unquoted(copy[1]), unquoted(copy[2])), copy[3] or "", _until_end(lines)
            )
            text = ""
        elif text.endswith(";\n"):
            if text not in ("BEGIN;\n", "COMMIT;\n"):  # around a large object: ours is one already
                yield text.rstrip().removesuffix(";")
            text = ""


def _until_end(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the rows of a COPY in larger pieces."""
    waiting: list[bytes] = []
    length = 0
    for line in lines:
        if line == _END:
            break
        waiting.append(line)
        length += len(line)
        if length > CHUNK:
            yield b"".join(waiting)
            waiting, length = [], 0
    if waiting:
        yield b"".join(waiting)
