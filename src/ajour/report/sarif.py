"""Findings as SARIF 2.1.0, which code scanning reads."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ajour.model import Finding, Level, RulePage, Where

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Level, str] = {"error": "error", "warning": "warning", "info": "note"}


def document(found: Sequence[Finding], pages: Sequence[RulePage], version: str) -> str:
    """Return the document; `version` is ajour's own. Allowed findings are suppressed results."""
    driver = {"name": "ajour", "semanticVersion": version, "rules": [_rule(page) for page in pages]}
    indexes = {page.name: index for index, page in enumerate(pages)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, indexes) for each in found],
    }
    content = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(content, ensure_ascii=False, indent=1)


def _rule(page: RulePage) -> dict[str, Any]:
    return {
        "id": page.name,
        "shortDescription": {"text": page.summary},
        "help": {"text": page.text, "markdown": page.text},
        "defaultConfiguration": {"level": _LEVELS[page.level]},
        "properties": {"tags": [page.family]},
    }


def _result(each: Finding, indexes: dict[str, int]) -> dict[str, Any]:
    words = f"{each.message} {each.help}" if each.help else each.message
    result: dict[str, Any] = {
        "ruleId": each.rule,
        "level": _LEVELS[each.level],
        "message": {"text": words},
    }
    if each.rule in indexes:
        result["ruleIndex"] = indexes[each.rule]
    if each.where:
        result["locations"] = [{"physicalLocation": _location(each.where)}]
    if each.allowed:
        result["suppressions"] = [{"kind": "inSource", "justification": each.allowed}]
    return result


def _location(where: Where) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(where.file.replace("\\", "/"))}}
    if where.line:
        region: dict[str, Any] = {"startLine": where.line}
        if where.column:
            region |= {"startColumn": where.column, "endColumn": where.column + where.width}
        if where.source is not None:
            region["snippet"] = {"text": where.source}
        location["region"] = region
    return location
