"""Migrations before rules: what `ajour check` finds. Pure: no folder is read, no database asked."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import cast

from ajour import rules
from ajour.errors import Refusal
from ajour.model import Finding, Level, Migration, Pending, Relation, Script, Statement
from ajour.plan import about_history
from ajour.profiles import Profile
from ajour.rules import Loaded
from ajour.rules._rule import EXEMPT, UNSURE, Context, Doubt, Facts
from ajour.sql.allow import Comment, comments, inside
from ajour.sql.blocks import Part, parts
from ajour.sql.locks import effects
from ajour.sql.plain_rows import looked_at
from ajour.sql.schema import Schema, begin
from ajour.sql.secrets import masked
from ajour.sql.steps import script
from ajour.sql.targets import targets

REFUSED = "refused"
"""What ajour would refuse to run; it cannot be allowed, nor turned off."""

IN_A_LOOP = "This stands in a loop."

LOSES, NOT_PROVEN, NOT_TRIED = "inverse-loses", "inverse-not-proven", "inverse-not-tried"
"""What `ajour test` finds where it undoes a file."""

OTHERS = (
    "empty-migration",
    "history-table",
    LOSES,
    NOT_PROVEN,
    NOT_TRIED,
    "several-steps",
    "transaction-modes",
    "transaction-wrapper",
)
"""Findings that are no rule's: what ajour finds anyway when it reads, runs or undoes a file."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the same file is judged differently in."""

    profile: Profile
    major: int
    table: Relation
    """The history's."""
    levels: Mapping[str, str] = field(default_factory=dict)
    """By rule: the level that the settings give it, or "off"."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding, and whose it is."""

    finding: Finding
    loaded: Loaded | None = None
    facts: Facts | None = None
    context: Context | None = None
    stands: Callable[[Schema], bool] | None = None
    """Tells after all files whether it is a finding; None where that is settled."""

    def fixed(self) -> str | None:
        """Return what to write in place of the statement, where that is mechanical."""
        fix = self.loaded.fix if self.loaded else None
        if fix is None or self.facts is None or self.context is None or self.finding.allowed:
            return None
        if self.facts.part.block is not None:
            return None  # what may stand in a DO block is another matter
        return fix(self.facts, self.context)


def known_names() -> tuple[str, ...]:
    """Return what findings about files can be called, and allow comments name."""
    return tuple(sorted((*rules.names(), *OTHERS)))


def check(
    files: Sequence[Migration],
    where: Circumstances,
    *,
    only: Collection[str] | None = None,
    together: bool = False,
    scripts: Mapping[str, Script] | None = None,
) -> Iterator[Finding]:
    """Yield the findings about the files, file by file, in the order of their lines.

    `files` are in the order they run. With `only`, the files of these names are judged, and the
    others are read for what they say of the schema. `together`: those that are judged run in one
    go, so that what one of them creates is new to the next. `scripts` are the steps of files, by
    name, as far as somebody has them already.
    """
    found = hits(files, where, only=only, together=together, scripts=scripts, slim=True)
    yield from (hit.finding for hit in found)


def hits(
    files: Sequence[Migration],
    where: Circumstances,
    *,
    only: Collection[str] | None = None,
    together: bool = False,
    scripts: Mapping[str, Script] | None = None,
    slim: bool = False,
) -> Iterator[Hit]:
    """Yield what `check` finds, with whose it is.

    Behind a doubt, all waits for the last file; `slim` hits wait without syntax trees.
    """
    waiting: list[Hit] = []
    schema = begin(where.profile)
    for found, now in _by_file(files, where, only, together, scripts or {}, waiting):
        schema = now
        for hit in found:
            if waiting or hit.stands:
                waiting.append(replace(hit, facts=None, context=None) if slim else hit)
            else:
                yield hit
    yield from (hit for hit in waiting if hit.stands is None or hit.stands(schema))


def _by_file(
    files: Sequence[Migration],
    where: Circumstances,
    only: Collection[str] | None,
    together: bool,
    scripts: Mapping[str, Script],
    waiting: Sequence[Hit],
) -> Iterator[tuple[Iterable[Hit], Schema]]:
    """Yield what is found in each file, doubts included, and what is known after it."""
    names = tuple(file.name for file in files if only is None or file.name in only)
    chosen = frozenset(names)
    active = _Active(rules.all_rules(), where)
    schema = begin(where.profile)
    last = _last(files, chosen)
    for at, file in enumerate(files):
        if at >= last and not waiting:
            return
        judged = file.name in chosen
        try:
            read = scripts.get(file.name) or script(file)
        except Refusal as refusal:
            yield ([Hit(_refused(refusal))] if judged else []), schema
            continue
        reading = _File(file, read, where, schema, names if together else (file.name,))
        found = [*reading.judged(active)] if judged else reading.read()
        schema = reading.schema
        yield found, schema


def refusal(found: Iterable[Finding]) -> Refusal | None:
    """Return the refusal of what has findings of level error that no comment allows."""
    errors = [each for each in found if each.fails("error")]
    if not errors:
        return None
    first, *more = errors
    places = [f"{each.where.file}:{each.where.line}: " if each.where else "" for each in more]
    return Refusal(
        f"{first.message} [{first.rule}]",
        where=first.where,
        details=tuple(
            f"also {place}{each.message} [{each.rule}]"
            for place, each in zip(places, more, strict=True)
        ),
        hint=f"{first.help or 'Mend it.'} If it is meant, write above the statement:"
        f" -- ajour: allow {first.rule} <reason>",
    )


def _last(files: Sequence[Migration], chosen: frozenset[str]) -> int:
    """Return how many files matter: none behind the last that is judged."""
    return max((at for at, file in enumerate(files, 1) if file.name in chosen), default=0)


def _refused(refusal: Refusal) -> Finding:
    return Finding(REFUSED, "error", refusal.message, refusal.where, refusal.hint)


class _Active:
    """The rules that hold in the circumstances, by the kind of node that they look at."""

    def __init__(self, loaded: Iterable[Loaded], where: Circumstances) -> None:
        self.levels = where.levels
        self.rules = tuple(each for each in loaded if self._holds(each, where))
        self._by_kind: dict[str, tuple[Loaded, ...]] = {}

    def of(self, kind: str) -> tuple[Loaded, ...]:
        """Return the rules to be asked about a node of this kind."""
        if kind not in self._by_kind:
            self._by_kind[kind] = tuple(
                each
                for each in self.rules
                if each.check and (not each.rule.kinds or kind in each.rule.kinds)
            )
        return self._by_kind[kind]

    def _holds(self, each: Loaded, where: Circumstances) -> bool:
        rule = each.rule
        return (
            where.levels.get(rule.name) != "off"
            and where.major in rule.majors
            and rule.profile in (None, where.profile.name)
        )


class _File:
    """One file, read statement by statement."""

    def __init__(
        self,
        file: Migration,
        read: Script,
        where: Circumstances,
        schema: Schema,
        together: tuple[str, ...],
    ) -> None:
        self.file, self.script, self.where = file, read, where
        self.schema = replace(schema, path=schema.usual_path)  # what a file sets ends with it
        self.together = together
        self.before: list[Facts] = []
        self.unread: list[Statement] = []
        self.inner: list[Part] = []
        """What stands in DO blocks."""
        self.statements = tuple(chain.from_iterable(step.statements for step in read.steps))

    def read(self) -> tuple[Hit, ...]:
        """Read it for what it says of the schema; nothing is found."""
        for _, part in self._parts():
            if not part.unsure:
                self._go_on(part)
        return ()

    def judged(self, active: _Active) -> Iterator[Hit]:
        """Yield what the rules find, and what ajour finds anyway."""
        found = [*map(Hit, self._anyway()), *self._asked(active)]
        said, below = self._comments(), self._inside()
        places = [(each.line, each.column) for each in self.statements]
        inner = sorted((each.statement.line, each.statement.column) for each in self.inner)
        for hit in found:
            level = active.levels.get(hit.finding.rule, hit.finding.level)
            if level == "off":
                continue
            line = hit.finding.where.line if hit.finding.where else None
            column = (hit.finding.where.column if hit.finding.where else None) or 1
            index = bisect_right(places, (line, column)) - 1 if line else 0
            above = [*said.get(index, ())]
            if line and below:
                at = bisect_right(inner, (line, column))
                lines = {line, *(one for one, _ in inner[max(0, at - 1) : at])}
                above += (each for one in lines for each in below.get(one, ()))
            reason = next((each.reason for each in above if hit.finding.rule in each.rules), "")
            finding = replace(
                _without_secrets(hit.finding), level=cast("Level", level), allowed=reason or None
            )
            yield replace(hit, finding=finding, facts=hit.facts or self._of(index if line else -1))

    def _anyway(self) -> Iterator[Finding]:
        yield from self.script.notes
        try:
            yield from about_history(Pending(self.file, self.script), self.where.table)
        except Refusal as refusal:
            yield _refused(refusal)

    def _asked(self, active: _Active) -> list[Hit]:
        """Return what the rules find, in the order of the places."""
        found: list[Hit] = []
        for step, part in self._parts():
            facts, context = self._facts(step, part), self._context()
            exempt = not facts.targets and bool(targets(part.node, self.schema))
            left_out = EXEMPT if exempt else ()
            for each in active.of(part.node.kind):
                if each.check and each.rule.family not in left_out:
                    hits_ = (_hit(one, each, facts, context) for one in each.check(facts, context))
                    found += (hit for hit in hits_ if not part.unsure or _is_sure(hit, each))
            if not part.unsure:
                self.before.append(facts)
                self._go_on(part)
        whole = self._context()
        for each in active.rules:
            if each.check_file:
                found += (_hit(one, each, None, whole) for one in each.check_file(whole))
        return sorted(found, key=_place)

    def _parts(self) -> Iterator[tuple[int, Part]]:
        # Without rows, so that a large file of data costs neither seconds nor memory.
        for step, statement in looked_at(self.script):
            read = parts(statement)
            if read is None:
                self.unread.append(statement)
            for part in read or ():
                if part.block is not None:
                    self.inner.append(part)
                yield step, part

    def _go_on(self, part: Part) -> None:
        self.schema = self.schema.after(part.node, self.file.name)

    def _facts(self, step: int, part: Part) -> Facts:
        schema = self.schema
        return Facts(
            part,
            step,
            self.script.steps[step].transactional,
            tuple(
                each
                for each in targets(part.node, schema)
                if not schema.created_in(each, *self.together)
            ),
            schema,
            self.together,
            partial(effects, part.node, schema, self.where.major),
        )

    def _context(self) -> Context:
        return Context(
            self.file,
            self.script,
            self.before,
            self.unread,
            self.schema,
            self.where.major,
            self.where.profile,
            self.together,
            known_names,
        )

    def _of(self, index: int) -> Facts | None:
        """Return the facts of a statement by its index, where there is one that was read."""
        statement = self.statements[index] if index >= 0 and self.statements else None
        return next((each for each in self.before if each.statement is statement), None)

    def _comments(self) -> dict[int, list[Comment]]:
        found: dict[int, list[Comment]] = {}
        for index, comment in comments(self.file.text, self.statements):
            if comment.reason:
                found.setdefault(index, []).append(comment)
        return found

    def _inside(self) -> dict[int, list[Comment]]:
        """Return the comments inside of DO blocks, by the line that they stand above."""
        found: dict[int, list[Comment]] = {}
        for facts in self.before:
            if facts.kind != "DoStmt":
                continue
            for line, comment in inside(self.file.text, facts.statement):
                if comment.reason:
                    found.setdefault(line, []).append(comment)
        return found


def _hit(one: Finding | Doubt, loaded: Loaded, facts: Facts | None, context: Context) -> Hit:
    stands = one.stands if isinstance(one, Doubt) else None
    finding = one.finding if isinstance(one, Doubt) else one
    if facts is not None and facts.part.loops:
        finding = replace(finding, message=f"{finding.message} {IN_A_LOOP}")
    return Hit(finding, loaded, facts, context, stands)


def _is_sure(hit: Hit, loaded: Loaded) -> bool:
    """Tell whether a finding about a statement with unknown names holds whatever they are."""
    return loaded.rule.family in UNSURE and hit.stands is None


def _without_secrets(finding: Finding) -> Finding:
    """Return the finding with the source line that it shows masked."""
    if finding.where is None or not finding.where.source:
        return finding
    return replace(finding, where=replace(finding.where, source=masked(finding.where.source)))


def _place(hit: Hit) -> tuple[int, int]:
    where = hit.finding.where
    return (where.line or 0, where.column or 0) if where else (0, 0)
