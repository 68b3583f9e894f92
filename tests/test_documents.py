import pytest

from rag.documents import read_document
from rag.errors import ArticleError
from rag.records import Content
from tests import office

TEXT = office.paragraph("一年产茶三百二十吨。")


def test_word() -> None:
    body = office.paragraph("云雾茶厂", "Heading1") + TEXT + office.table(("年", "吨"), ("2024", "320"))
    assert read_document(office.docx(body, "茶厂年报"), ".docx", "a.docx") == Content(
        text="# 云雾茶厂\n\n一年产茶三百二十吨。\n\n| 年 | 吨 |\n| --- | --- |\n| 2024 | 320 |\n",
        title="茶厂年报",
        markdown=True,
        date="2024-03-01",
    )
    assert read_document(office.docx(body), ".docx", "a.docx").title == "云雾茶厂"
    assert read_document(office.docx(body, "Word Document"), ".docx", "a.docx").title == "云雾茶厂"


def test_powerpoint() -> None:
    content = read_document(office.pptx({"云雾茶厂": "一年产茶三百二十吨。", "销路": "上海"}), ".pptx", "a.pptx")
    assert (content.title, content.text) == ("云雾茶厂", "# 云雾茶厂\n一年产茶三百二十吨。\n\n# 销路\n上海\n")


def test_excel() -> None:
    raw = office.xlsx([["年", "吨", "注"], [2023, 310, None], [2024, 320, "增"]])
    table = "| 年 | 吨 | 注 |\n| --- | --- | --- |\n| 2023 | 310 |  |\n| 2024 | 320 | 增 |\n"
    assert read_document(raw, ".xlsx", "a.xlsx").text == f"## 产量\n{table}"


def test_csv() -> None:
    raw = "年,吨\n2024,320\n".encode()
    assert read_document(raw, ".csv", "a.csv").text == "| 年 | 吨 |\n| --- | --- |\n| 2024 | 320 |\n"


def test_pdf() -> None:
    raw = office.pdf("Tea grows there.", "Much of it.", info="/Title(Tea Report)/CreationDate(D:20240301080000Z)")
    text = "Tea grows there.\n\nMuch of it.\n"
    assert read_document(raw, ".pdf", "a.pdf") == Content(text, "Tea Report", markdown=True, date="2024-03-01")


def test_lines_of_a_pdf_that_are_only_wrapped_are_joined() -> None:
    lines = ["The mill stands in the hills above the old", "town and is small.", "It is old."]
    raw = office.pdf(") Tj 0 -14 Td (".join(lines))
    assert read_document(raw, ".pdf", "a.pdf").text == (
        "The mill stands in the hills above the old town and is small.\nIt is old.\n"
    )


ENTITIES = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
BAD = {
    "not a PDF": (".pdf", b"hello", "not a PDF file, whatever its name says"),
    "PDF without text": (".pdf", office.pdf(""), "holds no text; it may be a scan"),
    "locked PDF": (".pdf", office.pdf("Tea.", trailer=office.LOCK), "locked with a password"),
    "half a PDF": (".pdf", office.pdf("Tea.")[:200], "damaged or cut off"),
    "not a zip": (".docx", b"hello", "not a Word file, or damaged"),
    "half a zip": (".docx", office.docx(TEXT)[:-40], "not a Word file, or damaged"),
    "another zip": (".docx", office.packed({"a.txt": "a"}), "not a Word file, whatever its name says"),
    "Word as Excel": (".xlsx", office.docx(TEXT), "not an Excel file, whatever its name says"),
    "locked Word": (".docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "locked with a password, or of an old"),
    "zip bomb": (".docx", office.docx(TEXT, more={"word/media/a.bin": bytes(60_000_000)}), "unpacks to 60 MB"),
    "many parts": (
        ".docx",
        office.docx(TEXT, more={f"word/{n}": "" for n in range(10_001)}),
        "unpacks to 0 MB in 10005 parts",
    ),
    "entities": (".docx", office.docx(TEXT, head=ENTITIES), "'word/document.xml' defines entities"),
    "entities in UTF-16": (
        ".docx",
        office.docx(TEXT, more={"word/styles.xml": ENTITIES.encode("utf-16")}),
        "'word/styles.xml' defines entities",
    ),
    "broken properties": (".docx", office.docx(TEXT, more={"docProps/core.xml": "<a>"}), "not a Word file, or damaged"),
}


@pytest.mark.parametrize(("suffix", "raw", "reason"), BAD.values(), ids=BAD)
def test_what_is_not_converted(suffix: str, raw: bytes, reason: str) -> None:
    with pytest.raises(ArticleError) as caught:
        read_document(raw, suffix, "a.x")
    assert str(caught.value).startswith(f"a.x: {reason}")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://127.0.0.1/image.png"])
def test_an_image_from_elsewhere_is_not_read(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
        f'Target="{target}" TargetMode="External"/></Relationships>'
    )
    drawing = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
        'wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>'
        '<a:blip r:link="rId9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r></w:p>"
    )
    raw = office.docx(TEXT + drawing, more={"word/_rels/document.xml.rels": relations})
    opened: list[object] = []
    monkeypatch.setattr("builtins.open", lambda path, *rest: opened.append(path))
    monkeypatch.setattr("socket.create_connection", lambda address, *rest: opened.append(address))
    assert read_document(raw, ".docx", "a.docx").text == "一年产茶三百二十吨。\n"
    assert opened == []
