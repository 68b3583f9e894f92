import json
from pathlib import Path

import pytest

from rag.encoding import Decoded, declared_in, decode
from rag.errors import ArticleError

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
SIMPLIFIED = "云雾茶厂建于一九五八年，位于江西省庐山市，年产茶叶约三百二十吨，产品主要销往上海和广州。"
TRADITIONAL = "雲霧茶廠建於一九五八年，位於江西省廬山市，年產茶葉約三百二十噸，產品主要銷往上海和廣州。"
ENGLISH = (
    "The café on the Rhône opened in 1958 – its owner, Zoë, called it “naïve”. It sells three hundred cakes a day.\n"
)


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        pytest.param(SIMPLIFIED, "utf-8", "UTF-8", id="UTF-8"),
        pytest.param(SIMPLIFIED, "utf-8-sig", "UTF-8", id="UTF-8 with its mark"),
        pytest.param(f"\ufeff{SIMPLIFIED}", "utf-16-le", "UTF-16", id="UTF-16 LE"),
        pytest.param(f"\ufeff{SIMPLIFIED}", "utf-16-be", "UTF-16", id="UTF-16 BE"),
        pytest.param(SIMPLIFIED, "gbk", "GB18030", id="GBK"),
        pytest.param(f"{SIMPLIFIED}𠮷", "gb18030", "GB18030", id="GB18030 with four bytes"),
        pytest.param(TRADITIONAL, "gbk", "GB18030", id="Traditional in GBK"),
        pytest.param(TRADITIONAL, "big5", "Big5", id="Big5"),
        pytest.param(SIMPLIFIED[:10], "gbk", "GB18030", id="few characters in GBK"),
        pytest.param(TRADITIONAL[:10], "big5", "Big5", id="few characters in Big5"),
        pytest.param(ENGLISH * 3, "cp1252", "Windows-1252", id="Windows-1252"),
        pytest.param("Zoë is naïve, or so they say.", "latin-1", "Windows-1252", id="one line of Latin-1"),
    ],
)
def test_what_is_read_and_how_it_is_called(text: str, encoding: str, name: str) -> None:
    assert decode(text.encode(encoding), "a.txt") == Decoded(text.removeprefix("\ufeff"), name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gbk"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_line_ends_give_one_text(encoding: str, end: str) -> None:
    assert decode(f"茶厂{end}江西".encode(encoding), "a").text == "茶厂\n江西"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        pytest.param(SIMPLIFIED.encode("gbk") * 3 + SIMPLIFIED.encode() * 3, "not UTF-8", id="GBK, then UTF-8"),
        pytest.param(SIMPLIFIED.encode() * 3 + SIMPLIFIED.encode("gbk") * 3, "not UTF-8", id="UTF-8, then GBK"),
        pytest.param(SIMPLIFIED.encode("gbk") * 3 + TRADITIONAL.encode("big5") * 3, "not UTF-8", id="GBK, then Big5"),
        pytest.param(
            "대한민국은 동아시아의 한반도 남부에 위치한 공화국이다".encode("euc-kr"), "not UTF-8", id="Korean"
        ),
        pytest.param("日本国は、東アジアに位置する民主制国家である。".encode("shift_jis"), "not UTF-8", id="Shift-JIS"),
        pytest.param(SIMPLIFIED.encode() + b"\xff", "not UTF-8", id="one bad byte"),
        pytest.param(SIMPLIFIED.encode() + b"\xed\xa0\x80", "not UTF-8", id="lone surrogate"),
        pytest.param(bytes(range(1, 256)), "not UTF-8", id="every byte"),
        pytest.param(SIMPLIFIED.encode("utf-16-le"), "a binary file", id="UTF-16 without its mark"),
        pytest.param(SIMPLIFIED.encode("utf-16")[:-1], "not UTF-16 at byte", id="half UTF-16"),
        pytest.param(SIMPLIFIED.encode("utf-32"), "holds characters that are no text", id="UTF-32"),
    ],
)
def test_what_is_not_read(raw: bytes, reason: str) -> None:
    with pytest.raises(ArticleError, match=f"^a.txt: {reason}.*"):
        decode(raw, "a.txt")


def test_a_declared_encoding_is_believed_where_it_works() -> None:
    japanese = "日本国は、東アジアに位置する民主制国家である。"
    assert decode(japanese.encode("euc-jp"), "a", "EUC-JP") == Decoded(japanese, "EUC-JP")
    for declared in ("no-such-encoding", "rot13", "base64", "punycode", "unicode_escape", "utf-8", ""):
        assert decode(SIMPLIFIED.encode("gbk"), "a", declared) == Decoded(SIMPLIFIED, "GB18030")


@pytest.mark.parametrize(
    ("html", "declared"),
    [
        (b'<html><head><meta charset="gb2312">', "gb2312"),
        (b"<META http-equiv=Content-Type content='text/html; charset=Big5'>", "Big5"),
        (b"<p>charset=gbk</p>", ""),
    ],
)
def test_the_encoding_a_page_names(html: bytes, declared: str) -> None:
    assert declared_in(html) == declared


@pytest.mark.parametrize("length", [40, 80, 400, 4000])
@pytest.mark.parametrize(
    ("corpus", "encoding", "name"),
    [
        ("cmrc2018", "gb18030", "GB18030"),
        ("drcd", "gb18030", "GB18030"),
        ("drcd", "big5hkscs", "Big5"),
    ],
)
def test_paragraphs_are_told_apart(corpus: str, encoding: str, name: str, length: int) -> None:
    path = DATA / corpus / "corpus.jsonl"
    if not path.exists():
        pytest.skip(f"needs the {corpus} part of the public question sets in ../shared/data, which is not here")
    with path.open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"][:length] for line in file]
    coded = [(text, text.encode(encoding, "ignore")) for text in texts]
    written = [(text, raw) for text, raw in coded if raw.decode(encoding) == text]
    right = [text for text, raw in written if _decoded(raw) == Decoded(text, name)]
    assert len(written) > 0.9 * len(texts)
    assert len(right) >= 0.995 * len(written)


def _decoded(raw: bytes) -> Decoded | None:
    try:
        return decode(raw, "a")
    except ArticleError:
        return None
