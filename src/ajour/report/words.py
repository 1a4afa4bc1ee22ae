"""How reports say what stands in all of them: places, lists of names, times."""

from ajour.model import Where


def place(where: Where) -> str:
    """Return file:line:column, as far as they are known."""
    known = (where.file, where.line, where.column)
    return ":".join(str(part) for part in known if part is not None)


def some(names: tuple[str, ...], most: int = 8) -> str:
    """Return names with commas between them, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def duration(milliseconds: int) -> str:
    """Return a time as people say it."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds // 60_000} min {milliseconds % 60_000 // 1000} s"


def size(bytes_: int) -> str:
    """Return a size as people say it."""
    for unit, worth in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if bytes_ >= worth:
            return (
                f"{bytes_ / worth:.0f} {unit}"
                if bytes_ >= 10 * worth
                else f"{bytes_ / worth:.1f} {unit}"
            )
    return f"{bytes_} bytes"
