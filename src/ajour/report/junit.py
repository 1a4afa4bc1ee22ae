"""Findings as JUnit XML: a test case for each finding, and one for each file without any."""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from ajour.model import Finding, Level, Where


def document(
    found: Sequence[Finding], files: Iterable[str], level: Level, suite: str = "ajour check"
) -> str:
    """Return the document: findings from `level` on are failures, allowed ones are skipped."""
    with_findings = {each.where.file for each in found if each.where}
    failing = [each.fails(level) for each in found]
    cases = [_case(each, fails) for each, fails in zip(found, failing, strict=True)]
    cases += [
        f'    <testcase classname={_attribute(file)} name="no findings"/>'
        for file in files
        if file not in with_findings
    ]
    skipped = sum(bool(each.allowed) for each in found)
    counted = f'tests="{len(cases)}" failures="{sum(failing)}" errors="0" skipped="{skipped}"'
    head = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    head.append(f"  <testsuite name={_attribute(suite)} {counted}>")
    return "\n".join([*head, *cases, "  </testsuite>", "</testsuites>"])


def _case(each: Finding, fails: bool) -> str:
    file = each.where.file if each.where else ""
    name = f"{each.rule} {_place(each.where)}".strip()
    begin = f"    <testcase classname={_attribute(file)} name={_attribute(name)}"
    if each.allowed:
        return f"{begin}>\n      <skipped message={_attribute(each.allowed)}/>\n    </testcase>"
    if not fails:
        return f"{begin}/>"
    failure = f"<failure type={_attribute(each.level)} message={_attribute(each.message)}>"
    return f"{begin}>\n      {failure}{_text(each.help or '')}</failure>\n    </testcase>"


def _place(where: Where | None) -> str:
    return f"at line {where.line}" if where and where.line else ""


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _text(text: str) -> str:
    return escape(_clean(text))


def _clean(text: str) -> str:
    """Return the text without the characters that XML 1.0 does not know."""
    return "".join(each if each >= " " or each in "\t\n\r" else "\ufffd" for each in text)
