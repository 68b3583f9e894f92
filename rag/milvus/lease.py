"""One writer of an index in Milvus at a time, as far as a server without compare-and-set can promise it.

Who wants to write waits until nobody says so in the meta collection, says so, waits for whoever did the same at that
moment, and reads again: the last to have said it writes (the timed lock of Fischer, in Lamport, A fast mutual exclusion
algorithm, 1987). It holds if no process takes longer than ``SETTLE`` between reading and saying. The writer looks again
each time before it writes and before it switches; a lease that nobody renews for ``LEASE`` is free.
"""

import os
import platform
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rag.errors import IndexBusy
from rag.milvus.server import Milvus

SETTLE = 1.0  # seconds
LEASE = 600.0  # seconds


@dataclass(frozen=True)
class Lease:
    """The one writing place of an index, held."""

    milvus: Milvus
    owner: str

    def renew(self) -> None:
        """Hold it for another while.

        Raises:
            IndexBusy: somebody else holds it by now.

        """
        found = self.milvus.read_meta("lease")
        if not found or found["owner"] != self.owner:
            raise IndexBusy(f"{self.milvus.address}: {_who(found)} took over writing; the index is as it was")
        self._say()

    def _say(self) -> None:
        about = {"owner": self.owner, "host": platform.node(), "process": os.getpid(), "until": time.time() + LEASE}
        self.milvus.write_meta("lease", about)


@contextmanager
def leasing(milvus: Milvus) -> Iterator[Lease]:
    """Hold the index's writing place; the meta collection is there.

    Raises:
        IndexBusy: another process holds it.

    """
    found = milvus.read_meta("lease")
    if found and not _is_over(found):
        raise IndexBusy(
            f"{milvus.address}: {_who(found)} is writing this index; run again when it is done, or, should it have "
            f"been stopped, in {max(found['until'] - time.time(), 0) / 60:.0f} minutes"
        )
    lease = Lease(milvus, uuid.uuid4().hex)
    lease._say()
    if not milvus.is_file:
        time.sleep(SETTLE)
    lease.renew()
    try:
        yield lease
    finally:
        now = milvus.read_meta("lease")
        if now and now["owner"] == lease.owner:
            milvus.write_meta("lease", None)


def _is_over(found: dict[str, object]) -> bool:
    """Tell whether a lease has run out, or its holder on this machine has died."""
    return bool(time.time() > found["until"]) or (found["host"] == platform.node() and not _runs(found["process"]))  # type: ignore[operator, arg-type]


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True


def _who(found: dict[str, object] | None) -> str:
    return f"process {found['process']} on {found['host']}" if found else "another process"
