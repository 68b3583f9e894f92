"""Model hubs over plain HTTPS: where a file is, and which of them answer at all."""

import time
from functools import cache
from threading import Thread

import httpx

from rag.catalogue import Hub
from rag.download import reason
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


def _origin(hub: Hub) -> str:
    return "/".join(hub.url.split("/")[:3])
