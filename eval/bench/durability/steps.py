"""The calls by which a process touches the files below a folder, one by one: to fail, to die or to take notes at."""

import builtins
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

_EVENTS = {
    "os.rename": "rename",  # Path.replace too
    "os.remove": "remove",
    "os.mkdir": "mkdir",
    "os.rmdir": "rmdir",
    "os.scandir": "list",
    "os.listdir": "list",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A call about to be made. ``kind`` is create, open, write, fsync, rename, remove, mkdir, rmdir or list."""

    kind: str
    path: Path
    to: Path | None = None  # where a rename goes


Act: TypeAlias = Callable[[Step], None]
_watched: list[tuple[str, Act]] = []  # at most one
_hooked = False


@contextmanager
def watched(folder: Path, act: Act) -> Iterator[None]:
    """Call ``act`` before every call of this process to the system about a file or folder below ``folder``.

    What ``act`` raises, the call raises. Opening, renaming and the like are seen whoever makes the call; writing is
    seen in files that Python opened.
    """
    global _hooked  # an audit hook stays for the life of the process
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked = True
    plain, fsync = io.open, os.fsync

    def opened(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **options: Any) -> Any:
        elsewhere = not isinstance(file, str | os.PathLike) or "opener" in options  # as a file without a name has
        if set(mode).isdisjoint("wax+") or elsewhere:
            return plain(file, mode, buffering, *rest, **options)
        raw = _File(file, mode.replace("b", "").replace("t", ""))
        buffer = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffer if "b" in mode else io.TextIOWrapper(buffer, *rest, **options)

    def synced(handle: int) -> None:
        _step("fsync", os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    _watched.append((f"{folder.resolve()}", act))
    io.open = builtins.open = opened
    os.fsync = synced  # type: ignore[assignment]
    try:
        yield
    finally:
        _watched.clear()
        io.open = builtins.open = plain
        os.fsync = fsync


class _File(io.FileIO):
    def write(self, data: Any, /) -> int:
        _step("write", self.name)
        return super().write(data)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watched:
        return
    if event == "open":
        path, _, flags = arguments
        _step("create" if flags & (os.O_CREAT | os.O_TRUNC) else "open", path)
    elif event in _EVENTS:
        _step(_EVENTS[event], arguments[0], arguments[1] if event == "os.rename" else None)


def _step(kind: str, path: Any, to: Any = None) -> None:
    if not _watched or not isinstance(path, str | os.PathLike):
        return
    folder, act = watcher = _watched[0]
    whole = os.path.abspath(path)
    if f"{whole}/".startswith(f"{folder}/"):
        _watched.clear()  # what it does itself is not watched
        try:
            act(Step(kind, Path(whole), None if to is None else Path(os.path.abspath(to))))
        finally:
            _watched.append(watcher)
