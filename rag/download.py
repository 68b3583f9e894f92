"""One URL onto the disk: resumed, bounded in time, and named only once its hash is right."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import httpx

from rag.disk import digest_of, sync
from rag.errors import DownloadError, ModelDamaged

Progress: TypeAlias = Callable[[int, int], None]  # bytes done, bytes in all

TIMEOUT = httpx.Timeout(30.0, connect=5.0)  # seconds; a read without a byte for that long is a stall
PAUSES = (1.0, 3.0, 9.0)  # seconds before each new try; the count starts anew when bytes arrive
BLOCK = 1 << 20


def download(url: str, target: Path, *, size: int, digest: str, progress: Progress) -> None:
    """Fetch ``url`` to ``target`` by way of a partial file that a later call, of any source, resumes.

    ``size`` in bytes; ``digest`` is the SHA-256.

    Raises:
        DownloadError: no answer, a refusal, or a transfer that will not finish.
        ModelDamaged: what arrived has another hash; it is deleted.
        OSError: the disk is full or not writable.

    """
    complete(lambda partial: _fetch(url, partial, size, progress), target, digest)


def complete(fetch: Callable[[Path], None], target: Path, digest: str) -> None:
    """Let ``fetch`` fill the partial file of ``target``, check its hash, and give it its name.

    The bytes of an earlier, interrupted fetch may be what is wrong: with those, one more try from nothing.
    """
    if target.exists() and digest_of(target) == digest:
        return
    partial = target.with_name(f"{target.name}.{digest[:8]}.partial")
    while True:
        resumed = length(partial) > 0
        fetch(partial)
        if digest_of(partial) == digest:
            sync(partial)
            os.replace(partial, target)
            sync(target.parent)
            return
        partial.unlink()
        if not resumed:
            raise ModelDamaged(f"{target.name} arrived with another hash than {digest[:8]}…; it was deleted")


def length(path: Path) -> int:
    """Return the file's length in bytes, 0 where there is none."""
    return path.stat().st_size if path.exists() else 0


def _fetch(url: str, partial: Path, size: int, progress: Progress) -> None:
    start = farthest = length(partial)
    pauses = iter(PAUSES)
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        while True:
            try:
                return _stream(client, url, partial, size, progress)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                reached = length(partial)
                if reached > farthest:
                    pauses, farthest = iter(PAUSES), reached
                pause = next(pauses, None)
                if pause is None or not _passing(error, moved=farthest > start):
                    raise DownloadError(f"{url}: {reason(error)}") from error
                time.sleep(pause)


def _stream(client: httpx.Client, url: str, partial: Path, size: int, progress: Progress) -> None:
    done = length(partial)
    if done >= size:
        return  # whole, or too long: the hash decides
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    with client.stream("GET", url, headers=headers) as response:
        response.raise_for_status()
        if response.status_code != httpx.codes.PARTIAL_CONTENT:
            done = 0  # the server ignores ranges
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
            raise DownloadError(f"{url}: answers another range than asked for")
        with partial.open("ab" if done else "wb") as out:
            for block in response.iter_raw():
                out.write(block)
                done += len(block)
                if done > size:
                    raise DownloadError(f"{url}: is longer than the {size:,} bytes of the catalogue")
                progress(done, size)
    if done < size:
        raise httpx.RemoteProtocolError(f"ended after {done:,} of {size:,} bytes")


def _passing(error: Exception, *, moved: bool) -> bool:
    """Whether a new try may help: not where the answer is no, nor where nobody has answered yet."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code >= 500 or error.response.status_code == 429
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return moved
    return isinstance(error, httpx.TransportError)


def reason(error: Exception) -> str:
    """Return what went wrong in a request, on one line."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"answers {error.response.status_code} {error.response.reason_phrase}".strip()
    return " ".join(f"{type(error).__name__} {error}".split())
