"""What git knows of the migrations: which files are new since a commit. Only reads."""

import subprocess
from pathlib import Path

from ajour.errors import UsageError


def new_since(ref: str, folder: Path) -> frozenset[str]:
    """Return the names of the files right in `folder` that the commit `ref` does not have.

    It is compared with where the present branch left `ref`'s; files that git does not track yet
    count as new. Raises UsageError where there is no git, no repository, or no such commit.
    """
    found = _git(
        folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
    )
    if found is None:
        raise UsageError(
            f"git knows no commit {ref}.",
            hint="Fetch it first; in CI a shallow clone has none but the last"
            " (fetch-depth: 0, or git fetch origin main).",
        )
    commit = found.strip()
    base = (_git(folder, "merge-base", commit, "HEAD") or commit).strip()
    there = _git(folder, "ls-tree", "-z", "--name-only", base, "./") or ""
    known = {name.rpartition("/")[2] for name in there.split("\0")}
    return frozenset(path.name for path in folder.glob("*.sql") if path.name not in known)


def would_track(folder: Path) -> bool:
    """Tell whether new files of a folder would come into a repository: it is in one, not ignored.

    Without git nobody can commit them from here, but the repository is still there.
    """
    inside = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), None)
    if inside is None:
        return False
    try:
        done = subprocess.run(
            ["git", "check-ignore", "--quiet", folder / "file.dump"],  # noqa: S607 - the user's own git
            cwd=inside,
            capture_output=True,
            check=False,
        )
    except OSError:
        return True
    return done.returncode != 0


def _git(folder: Path, *words: str) -> str | None:
    """Return what git says in the folder, or None where it says no."""
    try:
        done = subprocess.run(
            ["git", *words],  # noqa: S607 - the user's own git, found as a shell finds it
            cwd=folder,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise UsageError(
            f"git cannot be run: {error.strerror}.",
            hint="Install git, or name the files: ajour check FILES…",
        ) from None
    if done.returncode == 0:
        return done.stdout.decode("utf-8", "surrogateescape")
    if done.returncode == 128 and b"not a git repository" in done.stderr:
        raise UsageError(
            f"{folder} is in no git repository.", hint="Name the files: ajour check FILES…"
        )
    if b"dubious ownership" in done.stderr:
        raise UsageError(
            f"git does not trust {folder}: it belongs to another user.",
            hint="git config --global --add safe.directory '*', or name the files.",
        )
    return None
