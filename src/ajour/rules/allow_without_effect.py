"""A comment to ajour that allows nothing.

Finds
    `-- ajour: allow …` without a reason or with a name that no rule has, one that shares its line
    with a statement, one with no statement below it, and any other comment that begins with
    `-- ajour:`.

Why it hurts
    Whoever wrote it believes that something is allowed, and it is not; or that something is
    checked, and nobody looks at it.

Instead
    Put it on a line of its own above the statement, and say why:
    `-- ajour: allow drop-table the rows are in archive.users since May`.

When it is fine
    Never. Such a comment can be deleted.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from ajour.model import Finding
from ajour.rules._rule import Context, Rule
from ajour.sql.allow import Comment, comments
from ajour.sql.position import place

RULE = Rule("allow-without-effect", level="error", family="runner")

FORM = "Write on a line above the statement: -- ajour: allow <rule> <reason>"


def check_file(context: Context) -> Iterator[Finding]:
    """Find each comment that has no effect."""
    file, script = context.file, context.script
    every = [each for step in script.steps for each in step.statements]
    for index, comment in comments(file.text, every):
        wrong = _wrong(comment, context.known(), last=bool(every) and index == len(every))
        if wrong:
            message, help_ = wrong
            where = place(file.text, comment.offset, file.path, len(comment.text))
            yield Finding(RULE.name, RULE.level, message, where, help_)


def _wrong(comment: Comment, known: tuple[str, ...], *, last: bool) -> tuple[str, str] | None:
    if not comment.understood:
        return "This comment is addressed to ajour and has no effect.", FORM
    if not comment.rules:
        return "This allows nothing: no rule is named.", FORM
    for name in comment.rules:
        if name not in known:
            near = get_close_matches(name, known, 1)
            help_ = f"Did you mean {near[0]}?" if near else "`ajour check` names the rule in [ ]."
            return f"This allows nothing: there is no rule {name}.", help_
    if not comment.reason:
        return "This allows nothing: the reason is missing.", FORM
    return ("This allows nothing: no statement stands below it.", FORM) if last else None
