import re
from pathlib import Path

from ajour.cli.main import BUG, EXIT_CODES
from ajour.errors import AjourError, HistoryChanged, Occupied, Stopped

PAGE = Path(__file__).parents[2] / "docs/exit-codes.md"
ROW = re.compile(r"^\| (\d+) \|(?: `(\w+)`)? \|", re.MULTILINE)


def test_the_page_has_the_codes_of_the_code() -> None:
    """docs/exit-codes.md lists each exit code once, with the error that leads to it."""
    coded = {str(code): kind.__name__ for kind, code in EXIT_CODES.items()}
    rows = ROW.findall(PAGE.read_text("utf-8"))
    assert dict(rows) == coded | {"0": "", "1": "", str(BUG): ""}
    assert rows == sorted(rows, key=lambda row: int(row[0]))


def test_every_error_has_a_code() -> None:
    """Whatever ajour raises on purpose ends with a code of its own, not as a bug."""

    def below(kind: type[AjourError]) -> set[type[AjourError]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    without = {kind for kind in below(AjourError) if not issubclass(kind, tuple(EXIT_CODES))}
    expected = {AjourError, HistoryChanged, Occupied, Stopped}
    assert without == expected, "give the error a code in cli/main.py"
