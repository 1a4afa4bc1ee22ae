"""Begins a rule: its file and its two examples, which the tests then ask for more of.

make rule NAME=index-not-concurrent
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

RULE = '''\
"""One sentence that says what it finds.

Finds
    The statements, as people write them.

Why it hurts
    What happens to rows, to clients, to the deploy; for how long.

Instead
    The statements to write in its place.

When it is fine
    When nothing of that happens: `-- ajour: allow {name} <reason>`.
"""

from collections.abc import Iterator

from ajour.model import Finding
from ajour.rules._rule import Context, Facts, Rule

RULE = Rule("{name}", level="warning", family="{family}", kinds=("AlterTableStmt",))


def check(facts: Facts, context: Context) -> Iterator[Finding]:
    """Find …"""
    yield context.finding(RULE, facts, "What this statement does.", "What to write instead.")
'''


def main(words: list[str]) -> int:
    """Write the three files; return the exit code."""
    name, family = (*words, "locks")[:2]
    if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name):
        print("A rule is named after what it finds, such as index-not-concurrent.")
        return 2
    module = ROOT / "src/ajour/rules" / f"{name.replace('-', '_')}.py"
    examples = ROOT / "tests/rules" / name
    if module.exists() or examples.exists():
        print(f"There is a rule {name} already.")
        return 2
    module.write_text(RULE.format(name=name, family=family), "utf-8")
    examples.mkdir()
    for which in ("bad", "good"):
        (examples / f"{which}.sql").write_text("alter table orders add column x text;\n", "utf-8")
    for path in (module, examples / "bad.sql", examples / "good.sql"):
        print(path.relative_to(ROOT))
    print(f'Then: make test ARGS="tests/rules -k {name}", and make docs')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [""]))
