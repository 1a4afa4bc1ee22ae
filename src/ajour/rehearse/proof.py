"""What a rehearsal leaves behind, and what `deploy --require-rehearsal` asks for."""

import json
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ajour.api import Project
from ajour.catalog.objects import Catalog
from ajour.catalog.read import read
from ajour.drift import seen
from ajour.errors import Refusal, UsageError
from ajour.model import History
from ajour.rehearsal import Rehearsal
from ajour.report import machine

FOLDER = Path(".ajour", "rehearsals")
_KEPT = ("files", "target", "passed", "failed", "out_of_order", "orders_differ")


def fingerprint(catalog: Catalog, history: History) -> str:
    """Return a hash over the schema, the server's major version, and the history."""
    digest = sha256(str(catalog.version // 10000).encode())
    for identity, each in sorted(catalog.objects.items()):
        known = replace(each, attributes=dict(sorted(each.attributes.items())))
        digest.update(f"{identity!r}{known!r}".encode())
    rows = [(row.name, row.checksum) for row in history.applied]
    left = [(row.name, row.steps_done) for row in history.unfinished]
    digest.update(f"{rows!r}{left!r}".encode())
    return digest.hexdigest()


def write(
    project: Project, rehearsal: Rehearsal, target: str, now: datetime, also: Path | None
) -> Path:
    """Keep the proof of a rehearsal in the project, and in the file `also`. Return where it is.

    `target` is the fingerprint of the database that it was made for. Raises UsageError where the
    file cannot be written.
    """
    files = _checksums(project, rehearsal.migrations)
    document = machine.document(
        "RehearsalProof",
        files=files,
        target=target,
        passed=rehearsal.passed,
        failed=rehearsal.failed,
        out_of_order=rehearsal.out_of_order,
        orders_differ=rehearsal.orders_differ,
        made_at=now,
        ajour=version("ajour"),
        server_version=rehearsal.server_version,
        target_version=rehearsal.target_version,
    )
    kept = project.settings.root / FOLDER / _name(files, target)
    for path in (kept, *([also] if also else [])):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{document}\n", "utf-8")
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written: {error.strerror}.", hint="Name another: --proof FILE."
            ) from None
    return also or kept


def require(project: Project, path: Path | None, *, allow_out_of_order: bool) -> bool:
    """Raise Refusal unless what is pending was rehearsed for the database as it is now.

    The proof is read from `path`, else from the project's own folder. Return whether files that
    are out of order may run: with `allow_out_of_order`, or where the proof has tried both orders.
    """
    plan = project.plan(allow_out_of_order=True)
    if not plan.pending:
        return allow_out_of_order
    settings = project.settings
    files = {item.migration.name: item.migration.checksum for item in plan.pending}
    live = seen(read(project.session, settings.profile), settings)
    target = fingerprint(live, project.state().history)
    proof = _read(path or settings.root / FOLDER / _name(files, target), named=path is not None)
    if proof["files"] != files:
        raise _refused("It was made for other files.", _other(proof["files"], files))
    if proof["target"] != target:
        raise _refused("The schema or the history of the database is another one since.")
    if not proof["passed"]:
        raise _refused("The rehearsal did not pass.", tuple(_why(proof)))
    late = {item.migration.name for item in plan.pending if item.out_of_order}
    return allow_out_of_order or (bool(late) and late <= set(proof["out_of_order"]))


def _checksums(project: Project, names: tuple[str, ...]) -> dict[str, str]:
    return {each.name: each.checksum for each in project.folder.migrations if each.name in names}


def _name(files: dict[str, str], target: str) -> str:
    key = sha256(f"{sorted(files.items())!r}{target}".encode()).hexdigest()
    return f"{key[:16]}.json"


def _read(path: Path, *, named: bool) -> dict[str, Any]:
    try:
        proof = json.loads(path.read_text("utf-8"))
        known = {name: proof[name] for name in _KEPT}
    except FileNotFoundError:
        said = f"{path} is not there." if named else "There is no proof of it in this project."
        raise _refused(said) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise _refused(f"{path} is no proof that can be read.") from None
    return known


def _refused(why: str, details: tuple[str, ...] = ()) -> Refusal:
    return Refusal(
        f"What is pending was not rehearsed for this database. {why}",
        details=details,
        hint="ajour rehearse",
    )


def _other(was: dict[str, str], now: dict[str, str]) -> tuple[str, ...]:
    names = sorted({*was, *now})
    return tuple(f"{name}" for name in names if was.get(name) != now.get(name))


def _why(proof: dict[str, Any]) -> tuple[str, ...]:
    failed = (str(proof["failed"]),) if proof["failed"] else ()
    return (*failed, *map(str, proof["orders_differ"]))
