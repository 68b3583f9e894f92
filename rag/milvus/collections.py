"""The schemas of the collections of an index in Milvus, and what is written to them."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from rag.milvus.server import Milvus, Row, State

if TYPE_CHECKING:
    from pymilvus import CollectionSchema

_AT_ONCE = {"chunks": 500, "articles": 100, "terms": 5000}  # entities in a request: some megabytes
_SECONDS = 600.0  # that one request may take
_LONGEST = 65_535  # bytes of a VARCHAR
_MOST = 4096  # elements of an ARRAY


def create_meta(milvus: Milvus) -> None:
    """Make the collection of what is current, or what a killed writer left to be made of it."""
    from pymilvus import DataType, MilvusClient

    with milvus.speaking():
        if milvus.client.has_collection(milvus.meta, timeout=_SECONDS) and milvus.client.list_indexes(milvus.meta):
            return
        schema = MilvusClient.create_schema(auto_id=False)
        schema.add_field("id", DataType.VARCHAR, max_length=100, is_primary=True)
        schema.add_field("value", DataType.JSON)
    _create(milvus, milvus.meta, schema, {})


def create(milvus: Milvus, state: State) -> None:
    """Make the three collections of a state."""
    from pymilvus import DataType, MilvusClient

    chunks, articles, terms = (MilvusClient.create_schema(auto_id=False) for _ in range(3))
    for schema in (chunks, articles):
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("article", DataType.VARCHAR, max_length=_LONGEST)
        _add_texts(schema, "groups")
        schema.add_field("everybody", DataType.BOOL)
    chunks.add_field("vector", DataType.FLOAT_VECTOR, dim=state.dimension)
    chunks.add_field("terms", DataType.SPARSE_FLOAT_VECTOR)
    _add_texts(chunks, "tokens")
    _add_texts(chunks, "content")
    articles.add_field("pieces", DataType.INT64)
    articles.add_field("content", DataType.VARCHAR, max_length=_LONGEST, mmap_enabled=True)
    _add_texts(articles, "outline")
    articles.add_field("suggesting", DataType.BOOL)
    articles.add_field("chunks", DataType.INT64)
    articles.add_field("sentences", DataType.INT64)
    terms.add_field("id", DataType.VARCHAR, max_length=100, is_primary=True)
    terms.add_field("term", DataType.INT64)
    terms.add_field("chunks", DataType.INT64)
    searched = {"vector": "AUTOINDEX", "terms": "SPARSE_INVERTED_INDEX"}
    looked_up = {"chunks": (), "articles": ("article",), "terms": ("term",)}
    for kind, schema in (("chunks", chunks), ("articles", articles), ("terms", terms)):
        schema.add_field("born", DataType.INT64)
        schema.add_field("died", DataType.INT64)
        indexed = dict.fromkeys(looked_up[kind], "INVERTED")
        _create(milvus, milvus.collection(state, kind), schema, (searched if kind == "chunks" else {}) | indexed)


def _add_texts(schema: "CollectionSchema", name: str) -> None:
    """Add a field for texts of any length, cut into pieces, which is read from the disk."""
    from pymilvus import DataType

    schema.add_field(
        name,
        DataType.ARRAY,
        element_type=DataType.VARCHAR,
        max_capacity=_MOST,
        max_length=_LONGEST,
        mmap_enabled=True,
    )


def _create(milvus: Milvus, name: str, schema: "CollectionSchema", indexed: dict[str, str]) -> None:
    """Make and load a collection that is read as it was last written, if a read says nothing else."""
    from pymilvus import DataType, MilvusClient

    if "vector" not in indexed:
        schema.add_field("none", DataType.FLOAT_VECTOR, dim=2)  # a collection must have a vector
        indexed = {**indexed, "none": "FLAT"}
    options = MilvusClient.prepare_index_params()
    for field, kind in indexed.items():
        metric = {} if kind == "INVERTED" else {"metric_type": "IP"}
        options.add_index(field, index_type=kind, **metric)
    with milvus.speaking():
        if not milvus.client.has_collection(name, timeout=_SECONDS):
            milvus.client.create_collection(name, schema=schema, consistency_level="Strong", timeout=_SECONDS)
        milvus.client.create_index(name, options, sync=False, timeout=_SECONDS)  # of nothing: no need to wait
        milvus.client.load_collection(name, timeout=_SECONDS)


def drop_others(milvus: Milvus, kept: int) -> None:
    """Drop all collections of the index but those of that number and the meta collection."""
    with milvus.speaking():
        for name in milvus.client.list_collections(timeout=_SECONDS):
            index, _, rest = name.rpartition("_")
            index, _, number = index.rpartition("_")
            if index == milvus.address.name and number.isdecimal() and rest in _AT_ONCE and int(number) != kept:
                milvus.client.drop_collection(name, timeout=_SECONDS)


def insert(milvus: Milvus, state: State, kind: str, rows: Iterable[Row]) -> None:
    """Write new entities."""
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE[kind])):
        if kind != "chunks":
            some = [{**row, "none": [0.0, 0.0]} for row in some]
        with milvus.speaking():
            milvus.client.insert(milvus.collection(state, kind), some, timeout=_SECONDS)


def mark(milvus: Milvus, state: State, kind: str, keys: Sequence[int | str], died: int) -> None:
    """Say of entities with which generation they are gone."""
    for start in range(0, len(keys), _AT_ONCE["chunks"]):
        some = [{"id": key, "died": died} for key in keys[start : start + _AT_ONCE["chunks"]]]
        with milvus.speaking():
            milvus.client.upsert(milvus.collection(state, kind), some, partial_update=True, timeout=_SECONDS)


def delete(milvus: Milvus, state: State, kind: str, expression: str) -> None:
    """Delete the entities for which a filter expression is true."""
    with milvus.speaking():
        milvus.client.delete(milvus.collection(state, kind), filter=expression, timeout=_SECONDS)
