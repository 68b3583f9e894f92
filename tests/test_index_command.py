from pathlib import Path

import pytest

from rag.articles import Manner, Reading
from rag.fetching import Permission
from ui.cli import main


def test_what_is_read_and_what_is_not_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "docs" / "old.txt").write_bytes("云雾茶厂建于一九五八年。".encode("gbk"))
    (here / "docs" / "draft.doc").write_bytes(b"a")
    assert main(["index", "docs", "http://127.0.0.1:9/a", "--exclude", "bridge.*"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("added    old.txt\nadded    tea.md\nindex sample: 2 added")
    assert err.splitlines() == [
        "suwen: docs/old.txt: read as GB18030",
        "suwen: docs/draft.doc: an old office format; save it as .docx",
        "suwen: http://127.0.0.1:9/a: 127.0.0.1 is no address of the public internet; if meant, add --allow-private",
    ]
    assert main(["index", "docs", "--exclude", "*.doc"]) == 0


@pytest.mark.parametrize(
    ("options", "manner"),
    [
        ([], Manner()),
        (["--exclude", "a", "--exclude", "b"], Manner(exclude=("a", "b"))),
        (["--time-limit", "60"], Manner(seconds=60)),
        (["--allow-private"], Manner(permission=Permission(private=True))),
        (["--follow-redirects"], Manner(permission=Permission(redirects=True))),
    ],
    ids=["default", "exclude", "time limit", "private", "redirects"],
)
def test_how_articles_are_read(here: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], manner: Manner) -> None:
    asked: list[object] = []

    def read(paths: list[str], manner: Manner) -> Reading:
        asked.extend([paths, manner])
        return Reading((), (), ())

    monkeypatch.setattr("rag.articles.read_articles", read)
    assert main(["index", "docs", *options]) == 1
    assert asked == [["docs"], manner]
