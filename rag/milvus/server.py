"""A Milvus server, or a file of Milvus Lite, and the collections that an index has there.

    NAME_meta              what is current: the entity ``state``; who is writing: the entity ``lease``
    NAME_N_chunks          the chunks: vectors, sparse vectors of their terms, their texts
    NAME_N_articles        the articles, a long one in pieces
    NAME_N_terms           how many chunks hold a term

``N`` counts the times the index was made anew. An entity is part of the generations ``born <= g < died``.
"""

import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from rag import chunks as chunking
from rag.errors import IndexBusy, IndexMismatch, IndexMissing, SuwenError
from rag.milvus.address import FORMS, TOKEN, Address

if TYPE_CHECKING:
    from pymilvus import MilvusClient

Row: TypeAlias = dict[str, Any]

SCHEMA = 1
ALIVE = (1 << 62) - 1  # ``died`` of what is in use
PLACES = 20  # bits of an article's number below it, for the place of a chunk in it
PIECE = 16_000  # characters: in UTF-8 less than the 65,535 bytes that a VARCHAR may have
LOOK_UP = 500  # entities read by their primary keys at a time
KINDS = ("chunks", "articles", "terms")  # of collections
_SECONDS = 60.0  # that one request may take
_LOADING = 600.0  # seconds that loading a collection may take
_CONNECTING = 10.0  # seconds
_SELDOM = {"grpc.keepalive_time_ms": 600_000}  # Milvus Lite hangs up on an idle client that often asks if it is there
_UNKNOWN = 100  # Milvus's code for a collection that does not exist
_REFUSED = re.compile("auth check|authenticat|permission deny|privilege", re.IGNORECASE)


@dataclass(frozen=True)
class State:
    """What is current: which collections, which generation of them, and what that is of."""

    schema: int
    chunker: int
    embedder: str
    fingerprint: str
    dimension: int
    mean: float  # length of a chunk in terms, which the sparse vectors were computed with
    collections: int = 0
    generation: int = 0
    moment: int = 0  # of the switch, in milliseconds since 1970
    articles: int = 0
    sentences: int = 0
    chunks: int = 0
    terms: int = 0  # of all chunks, with repeats
    numbers: int = 0  # given to articles so far

    @property
    def visible(self) -> str:
        """The filter expression of what is part of this generation."""
        return f"born <= {self.generation} and died > {self.generation}"


class Milvus:
    """The collections of one index; connected when first asked. Used by any number of threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._loaded: set[str] = set()

    def __str__(self) -> str:
        return str(self.address)

    @cached_property
    def client(self) -> "MilvusClient":
        """The connection.

        Raises:
            SuwenError: the package is missing, or the server cannot be reached or refuses the credentials.

        """
        try:
            from pymilvus import MilvusClient
        except ImportError as error:
            raise SuwenError(f"{self.address}: needs pymilvus; run: pip install 'pymilvus>=3,<4'") from error
        for name in ("pymilvus", "milvus_lite"):  # what they would log is raised, and said in a line
            logging.getLogger(name).setLevel(logging.CRITICAL)
        with self.speaking():
            return MilvusClient(
                uri=self.address.uri,
                token=os.environ.get(TOKEN, ""),
                db_name=self.address.database,
                timeout=_CONNECTING,
                grpc_options=_SELDOM if self.is_file else {},
            )

    @contextmanager
    def speaking(self, state: State | None = None) -> Iterator[None]:
        """Turn what goes wrong between here and the server into one line.

        Raises:
            SuwenError: it was turned; IndexBusy if the collections of the ``state`` that is read gave way to others.

        """
        from pymilvus.exceptions import ConnectionConfigException, MilvusException

        try:
            yield
        except ConnectionConfigException as error:
            step = "run: pip install milvus-lite; no other process may have the file open" if self.is_file else FORMS
            raise SuwenError(f"{self.address}: cannot be opened; {step}") from error
        except MilvusException as error:
            message = " ".join(str(error.message).split())
            if error.code == _UNKNOWN:
                if state:
                    self.check(state)
                raise IndexMissing(self._missing()) from error
            if _REFUSED.search(message):
                raise SuwenError(
                    f"{self.address}: the server refuses the credentials; set {TOKEN}=USER:PASSWORD, or to an API key"
                ) from error
            if "connect" in message.lower() or "unavailable" in message.lower():
                raise SuwenError(
                    f"{self.address}: the server cannot be reached; start it or correct the address"
                ) from error
            raise SuwenError(f"{self.address}: {message}; see the server's log") from error

    def _missing(self) -> str:
        return f"no index {self.address.name!r} at {self.address}; run: suwen index PATH --to {self.address}"

    @property
    def is_file(self) -> bool:
        """Whether this is a file of Milvus Lite, which one process has open."""
        return self.address.uri.endswith(".db")

    @property
    def meta(self) -> str:
        """Name of the collection of what is current."""
        return f"{self.address.name}_meta"

    def collection(self, state: State, kind: str) -> str:
        """Return the name of one of the collections of a state."""
        return f"{self.address.name}_{state.collections}_{kind}"

    def query(self, state: State, kind: str, expression: str, fields: Sequence[str], **options: int) -> list[Row]:
        """Return the entities for which a filter expression is true, as they are at least since the state's switch."""
        with self.speaking(state):
            found = self.client.query(
                self.collection(state, kind),
                filter=expression,
                output_fields=list(fields),
                **since(state),
                **options,
            )
        return list(found)

    def get(self, state: State, kind: str, keys: Sequence[int], fields: Sequence[str]) -> list[Row]:
        """Return the entities of those primary keys that there are."""
        some = (list(keys[start : start + LOOK_UP]) for start in range(0, len(keys), LOOK_UP))
        return [row for each in some for row in self.query(state, kind, f"id in {each}", fields)]

    def search(self, state: State, legs: Sequence[Any], k: int, fields: Sequence[str]) -> list[Row]:
        """Return the entities that any of some searches finds, ``k`` of each."""
        from pymilvus import RRFRanker

        with self.speaking(state):
            (found,) = self.client.hybrid_search(
                self.collection(state, "chunks"),
                list(legs),
                RRFRanker(),
                limit=k * len(legs),
                output_fields=list(fields),
                **since(state),
            )
        return [{**hit["entity"], "id": hit["id"]} for hit in found]

    def each(self, state: State, kind: str, expression: str, fields: Sequence[str]) -> Iterator[Row]:
        """Yield all entities for which a filter expression is true, however many."""
        with self.speaking(state):
            batches = self.client.query_iterator(
                self.collection(state, kind),
                batch_size=LOOK_UP,
                filter=expression,
                output_fields=list(fields),
                timeout=_SECONDS,
            )
            try:
                while batch := batches.next():
                    yield from batch
            finally:
                batches.close()

    def count(self, state: State, kind: str, expression: str) -> int:
        """Return for how many entities a filter expression is true."""
        return int(self.query(state, kind, expression, ["count(*)"])[0]["count(*)"])

    def read_meta(self, key: str) -> Row | None:
        """Return what the meta collection says now under a key."""
        with self.speaking():
            if not self.client.has_collection(self.meta, timeout=_SECONDS):
                return None
            self._load(self.meta)
            found = self.client.get(
                self.meta, ids=[key], output_fields=["value"], consistency_level="Strong", timeout=_SECONDS
            )
        return dict(found[0]["value"]) if found else None

    def write_meta(self, key: str, value: Row | None) -> None:
        """Say something in the meta collection under a key, or no longer."""
        with self.speaking():
            if value is None:
                self.client.delete(self.meta, ids=[key], timeout=_SECONDS)
            else:
                self.client.upsert(self.meta, [{"id": key, "value": value, "none": [0.0, 0.0]}], timeout=_SECONDS)

    def state(self) -> State:
        """Return what is current.

        Raises:
            IndexMissing: there is no such index.
            IndexMismatch: it was written by another version of the format or of the chunker.

        """
        value = self.read_meta("state")
        if value is None:
            raise IndexMissing(self._missing())
        for key, expected in versions().items():
            if value.get(key) != expected:
                raise IndexMismatch(
                    f"{self.address}: has {key} {value.get(key)}, this program has {expected}; "
                    f"run: suwen index PATH --to {self.address} --rebuild"
                )
        state = State(**value)
        with self.speaking():
            for kind in KINDS:
                self._load(self.collection(state, kind))
        return state

    def check(self, state: State) -> None:
        """Make sure that a state is still the current one, so that what was read of it is all there was.

        Raises:
            IndexBusy: it gave way to another.

        """
        now = self.state()
        if (now.collections, now.generation) != (state.collections, state.generation):
            names = f"{generation_name(state)} gave way to {generation_name(now)}"
            raise IndexBusy(f"{self.address}: generation {names} while it was read; ask again")

    def _load(self, collection: str) -> None:
        """Have a collection loaded, which somebody may have released, and Milvus Lite does when it ends."""
        if collection not in self._loaded:
            self.client.load_collection(collection, timeout=_LOADING)
            self._loaded.add(collection)

    def switch(self, state: State) -> None:
        """Make a state the current one."""
        self.write_meta("state", asdict(state))


def generation_name(state: State) -> str:
    """Return what users call a generation."""
    return f"{state.generation:06}"


def versions() -> dict[str, int]:
    """Return the versions that an index must have to be read."""
    return {"schema": SCHEMA, "chunker": chunking.VERSION}


def since(state: State) -> Row:
    """Return the options of a read that sees at least what was there at the state's switch.

    ``guarantee_timestamp`` is a hybrid timestamp: milliseconds, and 18 bits of a counter.
    """
    return {"consistency_level": "Customized", "guarantee_timestamp": state.moment << 18, "timeout": _SECONDS}


def pieces(text: str) -> list[str]:
    """Cut a text into pieces that a VARCHAR holds; an empty one is one piece."""
    return [text[start : start + PIECE] for start in range(0, max(len(text), 1), PIECE)]


def quoted(values: Sequence[str]) -> str:
    """Return texts as a list in a filter expression."""
    return json.dumps(list(values), ensure_ascii=False)


def readable(groups: frozenset[str]) -> str:
    """Return the filter expression of what readers of these groups may see."""
    everybody = "everybody == true"
    return f"({everybody} or array_contains_any(groups, {quoted(sorted(groups))}))" if groups else everybody
