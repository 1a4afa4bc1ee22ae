"""What lies ahead, statement by statement, and how much a finding matters on this database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ajour.effects import BLOCKS_WRITES
from ajour.model import LEVELS, Finding, Level, Migration, Pending, Relation, Script
from ajour.outlook import MOST, Ahead, Answer, Facts, Question
from ajour.profiles import Profile
from ajour.rules import all_rules
from ajour.sql.blocks import Part, parts
from ajour.sql.locks import effects
from ajour.sql.plain_rows import looked_at
from ajour.sql.position import place_of
from ajour.sql.schema import Schema, begin
from ajour.sql.steps import script
from ajour.sql.targets import targets
from ajour.sql.violations import questions

TINY = (1_000, 1 << 23)
SMALL = (10_000, 50 << 20)
"""Rows and bytes: below both, nobody notices (info), and nobody waits long (warning)."""

LARGE = (1_000_000, 1 << 30)
"""Rows and bytes: from either on, what waits for the whole table waits for minutes."""

_CHANGES_ROWS = {"DeleteStmt", "MergeStmt", "TruncateStmt", "UpdateStmt"}


def ahead(
    files: Sequence[Migration], pending: Sequence[Pending], profile: Profile, major: int
) -> Iterator[Ahead]:
    """Yield the statements that are still to run, in their order, with what each will do.

    `files` are in the order they run: the pending ones, and those that tell what they work on.
    """
    items = {each.migration.name: each for each in pending}
    schema, changed = begin(profile), set[Relation]()
    for file in files:
        schema = replace(schema, path=schema.usual_path)
        item = items.get(file.name)
        read = item.script if item else script(file)
        for step, part in _parts(read):
            if item is not None and step >= item.first_step:
                yield _ahead(item, part, schema, (*items,), changed, major)
            if item is not None and part.node.kind in _CHANGES_ROWS:
                changed.update(targets(part.node, schema))
            schema = schema if part.unsure else schema.after(part.node, file.name)


def _parts(read: Script) -> Iterator[tuple[int, Part]]:
    for step, statement in looked_at(read):
        yield from ((step, part) for part in parts(statement) or ())


def _ahead(
    item: Pending,
    part: Part,
    schema: Schema,
    together: tuple[str, ...],
    changed: set[Relation],
    major: int,
) -> Ahead:
    def is_old(relation: Relation | None) -> bool:
        return relation is None or not schema.created_in(relation, *together)

    file, statement, node = item.migration, part.statement, part.node
    does = tuple(each for each in effects(node, schema, major) if is_old(each.relation))
    asks = () if part.unsure else questions(node, schema)
    return Ahead(
        file.name,
        place_of(file, statement),
        statement.line + statement.text.count("\n"),
        tuple(replace(each, relation=None) for each in does) if part.unsure else does,
        tuple(
            replace(each, settled=bool({each.relation, each.other} & changed))
            for each in asks
            if is_old(each.relation)
        ),
    )


def weighed(
    found: Iterable[Finding], statements: Sequence[Ahead], facts: Mapping[Relation, Facts]
) -> Iterator[Finding]:
    """Yield findings with the level that they have for tables of this size.

    Where nobody knows how many rows there are, the level stays.
    """
    families = {each.rule.name: each.rule.family for each in all_rules()}
    for each in found:
        known = facts.get(each.relation) if each.relation else None
        if known is None or families.get(each.rule) not in ("locks", "rewrites"):
            yield each
            continue
        level = _weigh(each, known, _works_on(each, statements))
        yield replace(each, level=level, message=f"{each.message} {_why(known, each.level, level)}")


def _weigh(finding: Finding, facts: Facts, works: bool) -> Level:
    if facts.rows is None:
        return finding.level
    if facts.rows < TINY[0] and facts.size < TINY[1]:
        return "info"
    if facts.rows < SMALL[0] and facts.size < SMALL[1]:
        return min(finding.level, "warning", key=LEVELS.index)
    if works and (facts.rows >= LARGE[0] or facts.size >= LARGE[1]):
        return "error" if finding.level != "info" else "warning"
    return finding.level


def _works_on(finding: Finding, statements: Sequence[Ahead]) -> bool:
    """Tell whether its statement reads or writes the whole table while others wait for it."""
    if finding.where is None:
        return False
    at = (finding.where.line or 0, finding.where.column or 0)
    before = [
        each
        for each in statements
        if each.where.file == finding.where.file
        and ((each.where.line or 0), (each.where.column or 0)) <= at
    ]
    return bool(before) and any(
        each.relation == finding.relation
        and each.lock in BLOCKS_WRITES
        and (each.rewrites or each.scans or each.builds)
        for each in before[-1].effects
    )


def _why(facts: Facts, was: Level, now: Level) -> str:
    from_ = f", {was} without knowing that" if now != was else ""
    rows = "rows never counted" if facts.rows is None else f"{facts.rows:,} rows"
    return f"({rows}{from_})"


def judged(
    found: Sequence[Finding], answers: Iterable[tuple[Ahead, Question, Answer]]
) -> tuple[Finding, ...]:
    """Return the findings with what was seen in the rows.

    What is sure to fail is an error, and no comment allows it: a comment says that there are no
    such rows. What would pass now is worth an info.
    """
    result = list(found)
    for ahead_, question, answer in answers:
        mine = [each for each in result if _about(each, ahead_, question)]
        for each in mine:
            result.remove(each)
        sure = answer.number and not question.settled
        if sure:
            result.append(_will_fail(ahead_, question, answer, mine))
            continue
        for each in mine:
            said = _said(answer)
            clear = not (answer.number or answer.unknown)
            # A text that fits by luck is still cut by USING: only what may fail is settled by it.
            level: Level = "info" if clear and question.rule != "lossy-type" else each.level
            result.append(replace(each, level=level, message=f"{each.message} {said}"))
    return tuple(result)


def _about(finding: Finding, statement: Ahead, question: Question) -> bool:
    where = finding.where
    if where is None or where.file != statement.where.file or finding.rule != question.rule:
        return False
    start = statement.where.line or 0
    return (
        finding.relation == question.relation and start <= (where.line or 0) <= statement.last_line
    )


def _will_fail(
    statement: Ahead, question: Question, answer: Answer, mine: Sequence[Finding]
) -> Finding:
    number = f"{MOST} or more" if answer.number >= MOST else f"{answer.number}"
    message = f"This fails: {question.message.replace('{number}', number)}"
    example = f" (such as {answer.example})" if answer.example else ""
    where = mine[0].where if mine else statement.where
    help_ = mine[0].help if mine else "Settle these rows first."
    return Finding(
        question.rule, "error", f"{message}{example}.", where, help_, relation=question.relation
    )


def _said(answer: Answer) -> str:
    if answer.unknown:
        return f"(The rows were not looked at: {answer.unknown}.)"
    if answer.number:
        return "(Now there are such rows; a statement before changes rows.)"
    return "(No row does now.)"
