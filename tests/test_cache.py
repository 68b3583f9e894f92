import sqlite3
import threading
from pathlib import Path

import pytest

from eval.runs.cache import Cache, key_of
from rag.errors import SuwenError


def test_what_is_put_is_got_in_a_later_process(tmp_path: Path) -> None:
    first = Cache(tmp_path / "a" / "cache.sqlite")
    assert first.get("k") is None
    first.put("k", {"answer": "三千万"})
    first.close()
    assert Cache(tmp_path / "a" / "cache.sqlite").get("k") == {"answer": "三千万"}


def test_the_last_put_counts(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.sqlite")
    cache.put("k", {"n": 1})
    cache.put("k", {"n": 2})
    assert cache.get("k") == {"n": 2}


def test_without_a_path_nothing_is_kept() -> None:
    cache = Cache(None)
    cache.put("k", {})
    assert cache.get("k") is None


def test_threads_share_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache.sqlite")
    threads = [threading.Thread(target=cache.put, args=(str(n), {"n": n})) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [cache.get(str(n)) for n in range(20)] == [{"n": n} for n in range(20)]


def test_a_file_that_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / "cache.sqlite").write_text("not a database, and long enough to look like one", encoding="utf-8")
    with pytest.raises(SuwenError, match=r"cache\.sqlite: file is not a database; .* use --no-cache"):
        Cache(tmp_path / "cache.sqlite")


def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "cache.sqlite") as rows:
        rows.execute("CREATE TABLE kept (key INTEGER)")
    with pytest.raises(SuwenError, match="no such column"):
        Cache(tmp_path / "cache.sqlite").get("k")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([{"a": 1, "b": 2}], [{"b": 2, "a": 1}], True),
        (["ab", "c"], ["a", "bc"], False),
        ([["问", None], 1], [["问", None], 2], False),
    ],
    ids=["order of keys", "borders count", "repeat"],
)
def test_keys(one: list[object], other: list[object], same: bool) -> None:
    assert (key_of(*one) == key_of(*other)) is same
