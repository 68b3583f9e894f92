"""Model hubs over plain HTTPS: which answer, and what hash they declare for a file."""

import re
import time
from collections.abc import Iterator
from functools import cache
from threading import Thread

import httpx

from rag.catalogue import Hub
from rag.download import TIMEOUT, reason
from rag.errors import DownloadError

PROBE = 5.0  # seconds for all hubs together; looking up a name knows no time limit of its own


def check_reachable(hub: Hub, hubs: tuple[Hub, ...]) -> None:
    """Return if the hub, one of ``hubs``, answers; all are asked at once, once in the process's life.

    Raises:
        DownloadError: the hub does not answer.

    """
    reasons = unreachable(frozenset(map(_origin, hubs)))
    if _origin(hub) in reasons:
        raise DownloadError(f"cannot be reached: {reasons[_origin(hub)]}")


@cache
def unreachable(origins: frozenset[str]) -> dict[str, str]:
    """Return the origins (``https://host``) that do not answer, each with the reason."""
    reasons = dict.fromkeys(origins, f"no answer within {PROBE:g} s")

    def ask(origin: str) -> None:
        try:
            httpx.head(origin, timeout=PROBE)
        except httpx.HTTPError as error:
            reasons[origin] = reason(error)
        else:
            del reasons[origin]

    threads = [Thread(target=ask, args=(origin,), daemon=True) for origin in origins]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PROBE
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return dict(reasons)


def address(hub: Hub, repository: str, file: str) -> str:
    """Return the URL of a file."""
    return hub.url.format(repository=repository, file=file)


def declared(hub: Hub, repository: str, file: str) -> tuple[str, int]:
    """Return the hash and the size in bytes that the hub declares for a file; 0 where it tells no size.

    The hash is SHA-256, or git's blob hash for a small file of some hubs.

    Raises:
        DownloadError: it declares none, or does not answer as a hub does.

    """
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
            found = (
                _listed(client, hub, repository, file)
                if hub.listing
                else _headed(client, hub, repository, file)
            )
    except httpx.HTTPError as error:
        raise DownloadError(f"declares no hash for {file}: {reason(error)}") from error
    if found is None:
        raise DownloadError(f"declares no hash for {file}, and the catalogue has none")
    return found


def _listed(client: httpx.Client, hub: Hub, repository: str, file: str) -> tuple[str, int] | None:
    response = client.get(hub.listing.format(repository=repository)).raise_for_status()
    try:
        entries = response.json()["Data"]["Files"]
        hashes = {entry["Path"]: (entry.get("Sha256") or "", entry.get("Size") or 0) for entry in entries}
    except (ValueError, KeyError, TypeError) as error:
        raise DownloadError(f"lists the files of {repository} in an unknown form") from error
    digest, size = hashes.get(file, ("", 0))
    return (digest, size) if re.fullmatch("[0-9a-f]{64}", digest) else None


def _headed(client: httpx.Client, hub: Hub, repository: str, file: str) -> tuple[str, int] | None:
    response = client.head(address(hub, repository, file))
    for answer in (*response.history, response):
        for tag in _tags(answer):
            return tag, int(answer.headers.get("X-Linked-Size", 0))
    response.raise_for_status()
    return None


def _tags(answer: httpx.Response) -> Iterator[str]:
    for header in ("X-Linked-ETag", "ETag"):
        tag = re.fullmatch('(?:W/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?', answer.headers.get(header, ""))
        if tag:
            yield tag[1]


def _origin(hub: Hub) -> str:
    return "/".join(hub.url.split("/")[:3])
