from collections.abc import Iterator

from sources import Module, modules, must

LAYERS = (
    (
        "adoption",
        "effects",
        "errors",
        "model",
        "outlook",
        "rehearsal",
        "profiles",
        "events",
        "saved",
    ),
    (
        "files",
        "naming",
        "target",
        "redact",
        "dotenv",
        "tomlfile",
        "supabase",
        "sql",
        *("catalog.objects", "catalog.macros"),
    ),
    (
        *(
            "plan",
            "check",
            "foresee",
            "related",
            "repair",
            "adopt",
            "absent",
            "rules",
            "inverse",
            "report",
        ),
        *("catalog.diff", "catalog.view"),
    ),
    ("db", "engines", "tunnel", "catalog.read"),
    (
        *("api", "migrate", "config", "settings", "doctor", "scaffold", "rehearse", "backup"),
        *(
            "takeover",
            "fetch",
            "seed",
            "base",
            "stand_ins",
            "drift",
            "draft",
            "trial",
            "revert",
            "soften",
            "fix",
            "forecast",
            "testing",
            "verify",
        ),
    ),
    ("cli", "__main__"),
)
"""Words, reading, judgement, world, face, command line; docs/ARCHITECTURE.md tells why."""

INDEPENDENT = {"rules": ("rules._rule",), "report": ("report.words",), "cli.commands": ()}
"""Packages whose modules never import each other, but for what is named here."""

ONLY = {
    "model": (),
    "adoption": ("model",),
    "effects": ("model",),
    "outlook": ("effects", "model"),
    "profiles": (),
    "report": (
        "adoption",
        "effects",
        "errors",
        "events",
        "model",
        "outlook",
        "rehearsal",
        "saved",
        "catalog.objects",
    ),
    "rules": ("effects", "errors", "model", "profiles", "sql", "rules._rule"),
}
"""Where less than the layers below may be imported."""


def layer(name: str) -> int | None:
    """Return the layer of a module. A package's own file is as high as what it collects."""
    for rank, places in enumerate(LAYERS):
        if any(name == place or name.startswith(f"{place}.") for place in places):
            return rank
    inside = [
        rank
        for rank, places in enumerate(LAYERS)
        for place in places
        if not name or place.startswith(f"{name}.")
    ]
    return (4 if not name else max(inside)) if inside else None


def test_every_module_has_a_layer() -> None:
    """A new module is placed before it is used."""
    must(
        (module.at(1) for module in modules() if layer(module.name) is None),
        "add the module to LAYERS in this test and to the table in docs/ARCHITECTURE.md.",
    )


def test_imports_go_down() -> None:
    """A module imports from its own layer or from lower ones."""
    must(
        (
            f"{module.at(line)}: {module.name} (layer {layer(module.name)}) "
            f"imports {name} (layer {layer(name)})"
            for module in modules()
            for name, line in module.ours()
            if (layer(name) or 0) > (layer(module.name) or 0)
        ),
        "hand the value in as an argument, or move what both need to a lower layer.",
    )


def test_no_import_goes_round_in_a_circle() -> None:
    """Imports inside functions and for types count: late imports hide a circle, no more."""
    graph = {module.name: {name for name, _ in module.ours()} for module in modules()}
    must(
        (" -> ".join(circle) for circle in circles(graph)),
        "move what both modules need into a third one below them.",
    )


def circles(graph: dict[str, set[str]]) -> Iterator[tuple[str, ...]]:
    """Give a circle for each way back that a walk through the graph finds."""
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if name in path:
            yield (*path[path.index(name) :], name)
        elif name not in done:
            for target in sorted(graph.get(name, ())):
                yield from walk(target, (*path, name))
            done.add(name)

    for name in sorted(graph):
        yield from walk(name, ())


def test_siblings_do_not_know_each_other() -> None:
    """A rule imports no rule, a report no report, a command no command."""
    must(
        (
            f"{module.at(line)}: {module.name} imports {name}"
            for package, shared in INDEPENDENT.items()
            for module in modules()
            for name, line in module.ours()
            if module.name.startswith(f"{package}.")
            and name.startswith(f"{package}.")
            and name not in shared
        ),
        "move what they share to a layer below them.",
    )


def test_some_modules_may_import_little() -> None:
    """Values import nothing, reports only words, rules no files and no plan."""
    must(
        (
            f"{module.at(line)}: {module.name} imports {name}"
            for place, allowed in ONLY.items()
            for module in modules()
            for name, line in module.ours()
            if module.within(place) and not permitted(name, place, *allowed)
        ),
        "hand the value in as an argument, or put the thing where it is allowed.",
    )


def permitted(name: str, *places: str) -> bool:
    """Tell whether `name` is one of the places or lies in one."""
    return any(name == place or name.startswith(f"{place}.") for place in places)


def test_the_world_does_not_judge() -> None:
    """What touches a database gets plans and verdicts as values."""
    must(
        (
            f"{module.at(line)}: {module.name} imports {name}"
            for module in modules()
            for name, line in module.ours()
            if layer(module.name) == 3 and layer(name) == 2
        ),
        "hand the value in as an argument; the face above both has it.",
    )


def test_the_other_worlds_reach_the_database_through_connect() -> None:
    """Engines and the catalogue may open a connection and ask; how migrations run is not theirs."""
    must(
        (
            f"{module.at(line)}: {module.name} imports {name}"
            for module in modules()
            for name, line in module.ours()
            if is_other_world(module) and permitted(name, "db") and name not in ASKING
        ),
        "use a connection from db.connect, or take one as an argument.",
    )


ASKING = {"db.connect", "db.rows", "db.session", "db.wire"}
"""What opens connections, and one exchange with the server."""


def is_other_world(module: Module) -> bool:
    """Tell whether a module is of the layer of db/, and not of db/."""
    return module.within("engines", "catalog")


def test_a_circle_is_found() -> None:
    """The search sees direct and long circles, and none where there is none."""
    assert list(circles({"a": {"b"}, "b": {"c"}, "c": set()})) == []
    assert list(circles({"a": {"b"}, "b": {"a"}})) == [("a", "b", "a")]
    assert list(circles({"a": {"b"}, "b": {"c"}, "c": {"b"}})) == [("b", "c", "b")]
