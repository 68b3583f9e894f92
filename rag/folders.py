"""Which files of a folder are articles: by suffix, hidden ones and those a rule excludes left out."""

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from rag.errors import ArticleError

IGNORE = ".suwenignore"  # rules as in .gitignore, at the root of the folder given


def find_files(root: Path, suffixes: Collection[str], exclude: Sequence[str] = ()) -> Iterator[Path | ArticleError]:
    """Yield a folder's files that end in ``suffixes``, in the order of their paths; a bad sub-folder is an error.

    Links to folders are not followed, so there is no loop; a pipe, a socket or a device is passed over.

    Raises:
        ArticleError: the rules of the folder cannot be read.

    """
    from pathspec import GitIgnoreSpec

    try:
        spec = GitIgnoreSpec.from_lines([*_rules(root), *exclude])
    except ValueError as error:
        raise ArticleError(f"{root / IGNORE}: {error}; correct the rule") from error
    errors: list[OSError] = []
    found: list[Path] = []
    for folder, folders, names in os.walk(root, onerror=errors.append):
        below = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if not _hidden(name) and not spec.match_file(f"{below / name}/")]
        found += [
            Path(folder, name)
            for name in names
            if not _hidden(name)
            and os.path.splitext(name)[1].lower() in suffixes
            and not spec.match_file(str(below / name))
            and is_regular(Path(folder, name))
        ]
    yield from (
        ArticleError(f"{shown(each.filename)}: {each.strerror}; check its permissions or add it to {IGNORE}")
        for each in errors
    )
    yield from sorted(found)


def shown(path: Path | str) -> str:
    """Return a path as a message can name it, on one line."""
    name = str(path)
    return name if name.isprintable() else ascii(name)


def is_regular(path: Path) -> bool:
    """Tell whether a path is a file that can be read to its end, neither a pipe, a socket nor a device."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:  # a link that leads nowhere, or round in a circle
        return False


def _hidden(name: str) -> bool:
    return name.startswith((".", "~$"))  # ~$ is what an office program leaves beside an open file


def _rules(root: Path) -> list[str]:
    path = root / IGNORE
    if not is_regular(path):
        return []
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ArticleError(f"{path}: cannot be read ({error}); save it as UTF-8") from error
