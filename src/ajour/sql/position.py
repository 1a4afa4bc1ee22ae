"""From an offset in a text to the line, the column and the source line it stands on."""

from ajour.model import Where


def place(text: str, offset: int, file: str, width: int = 1) -> Where:
    """Return where `offset` (characters, from 0) stands in `text`, which is `file`'s.

    The caret's `width` is cut at the end of the line; an offset past the end points behind
    the last character.
    """
    offset = max(0, min(offset, len(text)))
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return Where(
        file=file,
        line=text.count("\n", 0, start) + 1,
        column=offset - start + 1,
        source=text[start:end],
        width=max(1, min(width, end - offset)),
    )
