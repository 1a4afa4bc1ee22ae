"""From an offset in a text to the line, the column and the source line it stands on."""

from ajour.model import Migration, Statement, Where


def place(
    text: str, offset: int, file: str, width: int = 1, known: Statement | None = None
) -> Where:
    """Return where `offset` (characters, from 0) stands in `text`, which is `file`'s.

    The caret's `width` is cut at the end of the line; an offset past the end points behind
    the last character. Lines are counted from a statement on, where one before it is `known`.
    """
    offset = max(0, min(offset, len(text)))
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return Where(
        file=file,
        line=text.count("\n", known.offset, start) + known.line
        if known
        else text.count("\n", 0, start) + 1,
        column=offset - start + 1,
        source=text[start:end],
        width=max(1, min(width, end - offset)),
    )


def place_of(file: Migration, statement: Statement, offset: int = 0, width: int = 0) -> Where:
    """Return where `offset` in the text of a statement stands in its file.

    Without a `width` the rest of the line is marked, as far as it is the statement's.
    """
    width = width or len(statement.text[offset:].partition("\n")[0])
    return place(file.text, statement.offset + offset, file.path, width, statement)
