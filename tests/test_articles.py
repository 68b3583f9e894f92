import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.articles import Manner, read_articles
from rag.fetching import Fetched, Permission
from rag.records import Article
from tests import office


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path) -> Article:
    """Read the one file of its folder."""
    (article,) = read_articles([path.parent]).articles
    return article


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        pytest.param("a.md", "---\ntitle: 云雾茶\n---\n# 别的\n茶。\n", "云雾茶", id="front matter"),
        pytest.param("a.md", "---\ntitle: 1.10\n---\n茶。\n", "1.10", id="front matter as it stands"),
        pytest.param("a.md", "序言。\n\n# 云雾茶厂\n\n茶。\n", "云雾茶厂", id="first heading"),
        pytest.param("a.md", "云雾茶厂\n====\n茶。\n", "云雾茶厂", id="a heading by the line under it"),
        pytest.param("a.md", "```sh\n# 安装\nmake\n```\n", "a", id="a remark in code is no title"),
        pytest.param("a.md", "## 小节\n茶。\n", "a", id="a lesser heading is no title"),
        pytest.param("tea.txt", "\n云雾茶厂\n茶。\n", "云雾茶厂", id="first line of plain text"),
        pytest.param("tea.txt", "茶" * 61, "tea", id="a long first line is no title"),
    ],
)
def test_title(tmp_path: Path, name: str, content: str, title: str) -> None:
    assert read(write(tmp_path / name, content)).title == title


def test_front_matter_describes_the_article_and_is_not_its_text(tmp_path: Path) -> None:
    article = read(write(tmp_path / "a.md", "---\ntitle: 茶\nquestions:\n- 产量？\n- 2024\n---\n\n# 茶\n正文。\n"))
    assert article == Article(
        id="a.md",
        title="茶",
        source=str(tmp_path / "a.md"),
        text="# 茶\n正文。\n",
        root=str(tmp_path),
        markdown=True,
        questions=("产量？", "2024"),
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", "---\nsource: {}\n---\n茶。\n"),
        ("a.jsonl", '{{"id": "a", "text": "茶。", "source": "{}"}}\n'),
    ],
)
def test_a_source_is_where_a_person_can_go(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    for said, source in (("https://a.example/", "https://a.example/"), ("人民日报", str(path))):
        write(path, content.format(said))
        assert [each.source for each in read_articles([path]).articles] == [source]


@pytest.mark.parametrize(
    "text", ["---\n茶\n---\n水\n", "---\n没有结尾\n", "a\n---\nb: c\n---\n"], ids=["rules", "open", "later"]
)
def test_other_lines_of_dashes_stay_in_the_text(tmp_path: Path, text: str) -> None:
    assert read(write(tmp_path / "a.md", text)).text == text


def test_plain_text_has_no_front_matter(tmp_path: Path) -> None:
    text = "---\ntitle: 茶\n---\n水\n"
    article = read(write(tmp_path / "a.txt", text))
    assert (article.text, article.markdown) == (text, False)


def test_ids_are_paths_below_the_folder_or_file_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c.md", "a/d.markdown", ".git/x.md", "a/.y.md", "a/~$z.docx", "a/z.png"):
        write(tmp_path / "docs" / name, "茶。")
    folder = read_articles([tmp_path / "docs"])
    assert [each.id for each in folder.articles] == ["a/c.md", "a/d.markdown", "b.txt"]
    assert folder.errors == ()
    alone = read_articles([tmp_path / "docs" / "a" / "c.md"])
    assert [(each.id, each.root) for each in alone.articles] == [("c.md", str(tmp_path / "docs" / "a" / "c.md"))]


def test_a_relative_folder_gives_full_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "docs" / "a.md", "茶。")
    monkeypatch.chdir(tmp_path / "docs")
    (article,) = read_articles([Path()]).articles
    assert (article.id, article.source, article.root) == ("a.md", str(tmp_path / "docs/a.md"), str(tmp_path / "docs"))


def test_a_bad_file_is_one_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "a.md", "好。")
    bad = write(tmp_path / "b.md", b"")
    write(tmp_path / "c.md", "也好。")
    reading = read_articles([tmp_path])
    assert [each.id for each in reading.articles] == ["a.md", "c.md"]
    assert [str(each) for each in reading.errors] == [f"{bad}: holds no text; remove it or fill it"]


def test_a_date_in_front_matter_need_not_exist(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.md", "---\ndate: 2023-99-99\n---\n茶。\n")).text == "茶。\n"


@pytest.mark.parametrize(
    "name", ["absent.md", "a" * 300, "a.md/b.md"], ids=["absent", "too long a name", "below a file"]
)
def test_a_path_that_is_not_there(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a.md", "茶。")
    reading = read_articles([tmp_path / name, tmp_path / "a.md"])
    assert [each.id for each in reading.articles] == ["a.md"]
    assert reading.roots == (str(tmp_path / "a.md"),)
    assert [str(each) for each in reading.errors] == [f"{tmp_path / name}: no such file or folder; check the path"]


def test_a_folder_without_articles(tmp_path: Path) -> None:
    folder = write(tmp_path / "a\nb/a.png", b"PNG").parent
    reading = read_articles([folder])
    assert (reading.articles, reading.roots) == ((), ())
    assert [str(each) for each in reading.errors] == [
        f"'{tmp_path}/a\\nb': no articles in this folder; articles end in "
        ".txt, .text, .md, .markdown, .html, .htm, .xhtml, .pdf, .docx, .pptx, .xlsx, .csv, .jsonl"
    ]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.md", "茶。")

    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)  # a mode would not stop root
    (error,) = read_articles([path]).errors
    assert str(error) == f"{path}: Permission denied; check the path and its permissions"


def test_a_file_name_that_is_not_utf8(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.md"
    try:
        Path(os.fsdecode(name)).write_text("茶。", encoding="utf-8")
    except OSError as error:
        pytest.skip(f"this file system takes no such name: {error}")
    (said,) = map(str, read_articles([tmp_path]).errors)
    assert "its name is not UTF-8; rename it" in said
    assert said.isascii()


def test_two_folders_with_the_same_name(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a/x.md", "甲。"), write(tmp_path / "b/x.md", "乙。")
    reading = read_articles([tmp_path / "a", tmp_path / "b"])
    assert [each.source for each in reading.articles] == [str(first)]
    assert [str(each) for each in reading.errors] == [
        f"{second}: {first} has the same name 'x.md'; rename one or index the folder of both"
    ]


def test_two_lines_with_the_same_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"id": "x", "text": "甲。"}\n{"id": "x", "text": "乙。"}\n')
    reading = read_articles([path])
    assert [each.text for each in reading.articles] == ["甲。"]
    assert [str(each) for each in reading.errors] == [
        f"{path}: {path} has the same name 'x'; rename one or index the folder of both"
    ]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path / "docs/sub/a.md", "茶。")
    reading = read_articles([tmp_path / "docs", path, tmp_path / "docs"])
    assert [each.id for each in reading.articles] == ["sub/a.md"]
    assert reading.errors == ()


def test_every_kind_of_file_is_read(tmp_path: Path) -> None:
    line = office.paragraph("云雾茶厂", "Heading1") + office.paragraph("一年产茶三百二十吨。")
    files = {
        "a.txt": "云雾茶厂\n一年产茶三百二十吨。\n".encode("gbk"),
        "b.html": "<title>云雾茶厂</title><h1>云雾茶厂</h1><p>一年产茶三百二十吨。</p>".encode(),
        "c.pdf": office.pdf("A year has 320 tons.", info="/Title(Tea)"),
        "d.docx": office.docx(line),
        "e.pptx": office.pptx({"云雾茶厂": "一年产茶三百二十吨。"}),
        "f.xlsx": office.xlsx([["年", "吨"], [2024, 320]]),
        "g.csv": "年,吨\n2024,320\n".encode("big5"),
        "h.jsonl": '{"id": "页/1", "title": "云雾茶厂", "text": "茶。"}\n{"id": "页/2", "text": "水。"}\n'.encode(),
    }
    for name, content in files.items():
        write(tmp_path / name, content)
    reading = read_articles([tmp_path])
    assert reading.errors == ()
    assert [(each.id, each.title, each.markdown) for each in reading.articles] == [
        ("a.txt", "云雾茶厂", False),
        ("b.html", "云雾茶厂", True),
        ("c.pdf", "Tea", True),
        ("d.docx", "云雾茶厂", True),
        ("e.pptx", "云雾茶厂", True),
        ("f.xlsx", "f", True),
        ("g.csv", "g", True),
        ("页/1", "云雾茶厂", False),
        ("页/2", "水。", False),
    ]
    assert {each.root for each in reading.articles} == {str(tmp_path)}
    assert {each.source for each in reading.articles} == {str(tmp_path / name) for name in files}
    assert reading.notes == (f"{tmp_path}/a.txt: read as GB18030", f"{tmp_path}/g.csv: read as Big5")


def test_rules_of_a_folder_and_of_the_command(tmp_path: Path) -> None:
    for name in ("a.md", "b.md", "c.txt", "old/d.doc"):
        write(tmp_path / name, "茶。")
    write(tmp_path / ".suwenignore", "b.md\n")
    reading = read_articles([tmp_path], Manner(exclude=("*.txt",)))
    assert [each.id for each in reading.articles] == ["a.md"]
    assert [str(each) for each in reading.errors] == [f"{tmp_path}/old/d.doc: an old office format; save it as .docx"]
    assert read_articles([tmp_path], Manner(exclude=("*.txt", "old/"))).errors == ()


PAGES = {
    "https://wiki.example/茶": Fetched(
        "<title>云雾茶厂</title><p>一年产茶三百二十吨。".encode("gbk"), "text/html", "gbk"
    ),
    "https://wiki.example/a.md": Fetched("---\nsource: https://x.example/\n---\n# 茶\n茶。".encode(), "text/plain", ""),
    "https://wiki.example/b.pdf?x=1": Fetched(office.pdf("Tea."), "application/octet-stream", ""),
    "https://wiki.example/c": Fetched(b"GIF89a", "image/gif", ""),
    "https://wiki.example/d": Fetched(b"<p></p>", "text/html", ""),
}


def test_pages_of_the_web(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Permission] = []

    def fetch(url: str, permission: Permission) -> Fetched:
        asked.append(permission)
        return PAGES[url]

    monkeypatch.setattr("rag.articles.fetch", fetch)
    first, second, third, *bad = PAGES
    reading = read_articles([f"{first}#part", first, second, third, *bad], Manner(permission=Permission(private=True)))
    assert [(each.id, each.title, each.source, each.root) for each in reading.articles] == [
        (first, "云雾茶厂", first, first),
        (second, "茶", second, second),
        (third, third, third, third),
    ]
    assert reading.roots == (first, first, second, third)  # a page that cannot be read is not taken out of an index
    assert reading.notes == (f"{first}: read as GBK",)
    assert [str(each).partition(";")[0] for each in reading.errors] == [
        f"{bad[0]}: is image/gif, which is not read",
        f"{bad[1]}: no text is found on the page",
    ]
    assert set(asked) == {Permission(private=True)}


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_the_text_is_what_the_file_says(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = write(tmp_path_factory.getbasetemp() / "any.txt", text)
    expected = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    reading = read_articles([path])
    if any(map(str.isalnum, text)):
        assert [each.text for each in reading.articles] == [expected]
    else:
        assert len(reading.errors) == 1
