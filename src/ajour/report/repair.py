"""A repair of the history as a sentence, before it is made."""

from ajour.model import Repair


def line(each: Repair) -> str:
    """Return what a repair does."""
    match each.kind:
        case "accept":
            return f"accept        {each.name}: the text on disk becomes the text that was run"
        case "rename":
            new = each.file.name if each.file else ""
            return f"rename        {each.name}: it is called {new} from now on"
        case "forget":
            pending = "; its file is pending again" if each.file else ""
            return f"forget        {each.name}: out of the history{pending}"
        case "mark-applied":
            return f"mark-applied  {each.name}: into the history, without being run"
