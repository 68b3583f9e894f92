"""Inputs that are wrong, hostile or odd, each made when it is needed.

An input has what the error has to say, or nothing where an article comes of it all the same.
"""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from tests import office

Make: TypeAlias = bytes | Callable[[Path], object]

TEA = "云雾茶厂建于一九五八年，位于江西省庐山市，年产茶叶约三百二十吨。"
OLD_TEA = "雲霧茶廠建於一九五八年，位於江西省廬山市，年產茶葉約三百二十噸。"
WORD = office.paragraph(TEA)
BOMB = '<!DOCTYPE l [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
XXE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
NO_ENCODING = "not UTF-8, nor all of it GB18030"
DAMAGED = "), it may be damaged; open it and save it anew"
NO_WORD = "not a Word file, or damaged"
YAML = "its front matter is not YAML"


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path.name)
    os.chdir(here)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 << 30)


def _html(body: str) -> bytes:
    return f"<html><body><p>{TEA}</p>{body}</body></html>".encode()


def _word(body: str = WORD, **more: str | bytes) -> bytes:
    return office.docx(body, more={name.replace("__", "/").replace("_", "."): part for name, part in more.items()})


LIGHT: dict[str, tuple[Make, str]] = {
    # nothing, or next to nothing
    "empty.md": (b"", "holds no text"),
    "one-byte.txt": (b"a", ""),
    "one-bad-byte.txt": (b"\xff", NO_ENCODING),
    "white.txt": (" \n\t\u3000\u00a0\ufeff".encode(), "holds no text"),
    "signs.md": ("——……！？".encode(), "holds no text"),
    "stop-words.txt": ("的了是在和有。".encode(), ""),
    "only-front.md": (b"---\ntitle: a\n---\n", "holds no text"),
    "zero-width.txt": ("\u200b\u200c\u200d\u2060".encode(), "holds no text"),
    # bytes that are no text
    "nul.txt": (b"a\0b", "a binary file"),
    "nuls.md": (bytes(1000), "a binary file"),
    "picture.md": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a binary file"),
    "controls.txt": (bytes(range(1, 9)) * 9, "holds no text"),
    "every-byte.txt": (bytes(range(1, 256)), NO_ENCODING),
    "surrogate.txt": (TEA.encode() + b"\xed\xa0\x80", NO_ENCODING),
    "overlong.txt": (TEA.encode() + b"\xc0\xaf", NO_ENCODING),
    "cut.txt": (TEA.encode()[:-1], NO_ENCODING),
    "zip.txt": (office.packed({"a.txt": "a" * 100}), "a binary file"),
    # encodings
    "gbk.txt": (TEA.encode("gbk"), ""),
    "gb18030.md": (f"{TEA}𠮷".encode("gb18030"), ""),
    "big5.txt": (OLD_TEA.encode("big5"), ""),
    "latin.txt": ("The café in Zürich is closed on Mondays and on Tuesdays.".encode("latin-1"), ""),
    "utf8-bom.txt": (TEA.encode("utf-8-sig"), ""),
    "utf16-le.txt": (f"\ufeff{TEA}".encode("utf-16-le"), ""),
    "utf16-be.md": (f"\ufeff{TEA}".encode("utf-16-be"), ""),
    "utf16-no-bom.txt": (TEA.encode("utf-16-le"), "a binary file"),
    "utf16-half.txt": (TEA.encode("utf-16")[:-1], "not UTF-16 at byte"),
    "utf16-surrogate.txt": (b"\xff\xfe\x00\xd8a\0", "not UTF-16 at byte"),
    "utf32.txt": (TEA.encode("utf-32"), "holds characters that are no text"),
    "mixed.txt": (TEA.encode() * 3 + b"\n" + TEA.encode("gbk") * 3, NO_ENCODING),
    "mixed-old.txt": (TEA.encode("gbk") * 3 + OLD_TEA.encode("big5") * 3, NO_ENCODING),
    "korean.txt": ("대한민국은 동아시아의 한반도 남부에 위치한 공화국이다.".encode("euc-kr"), NO_ENCODING),
    "crlf.txt": (f"{TEA}\r\n{TEA}\r{TEA}".encode(), ""),
    # characters that mislead
    "bidi.txt": (f"{TEA}\u202e\u2066{TEA}\u2069".encode(), ""),
    "joiners.txt": ("\u200b".join(TEA).encode(), ""),
    "tags.txt": (f"{TEA}\U000e0001\U000e0061".encode(), ""),
    "combining.txt": (("a" + "\u0301" * 10_000).encode(), ""),
    "escapes.txt": (f"{TEA}\x1b[2J\x1b]0;x\x07".encode(), ""),
    "noncharacters.txt": (f"{TEA}\uffff\U0010ffff".encode(), ""),
    # Markdown and its front matter
    "brackets.md": (b"[" * 10_000 + TEA.encode() + b"]" * 10_000, ""),
    "backticks.md": (b"`" * 10_000 + TEA.encode(), ""),
    "quotes.md": (b"> " * 10_000 + TEA.encode(), ""),
    "stars.md": (b"*a " * 10_000, ""),
    "yaml-open.md": (b"---\na: [\n---\nb\n", YAML),
    "yaml-deep.md": (b"---\na: " + b"[" * 5000 + b"\n---\nb\n", YAML),
    "yaml-python.md": (b"---\ntitle: !!python/object/apply:os.system [ls]\n---\nb\n", ""),
    "yaml-laughs.md": (
        b"---\nb0: &b0 [x, x]\n"
        + b"".join(b"b%d: &b%d [*b%d, *b%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 40))
        + b"questions: *b39\n---\nb\n",
        "",
    ),
    "yaml-long.md": (b"---\na: " + b"x" * 70_000 + b"\n---\nb\n", "its front matter is longer than"),
    "yaml-tab.md": (b"---\n\ta: b\n---\nb\n", YAML),
    "groups.md": (b"---\ngroups: {a: b}\n---\nb\n", "its groups are not a list of names"),
    # web pages
    "unclosed.html": (f"<html><body><div><p>{TEA}<b><i>".encode(), ""),
    "script-only.html": (b"<script>document.write('tea')</script>", "no text is found on the page"),
    "nothing.html": (b"", "no text is found on the page"),
    "frames.html": (b"<frameset><frame src=a></frameset>", "no text is found on the page"),
    "entities.html": (BOMB.encode() + b"]>" + _html("&i;"), ""),
    "outside.html": (XXE.encode() + _html("&x;"), ""),
    "attributes.html": (_html(f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>"), ""),
    "gbk.html": (f"<meta charset=gb2312><p>{TEA}".encode("gbk"), ""),
    "wrong-charset.html": (f"<meta charset=no-such><p>{TEA}".encode(), ""),
    "text.html": (TEA.encode(), ""),
    # PDF
    "text.pdf": (TEA.encode(), "not a PDF file"),
    "scan.pdf": (office.pdf(""), "holds no text; it may be a scan"),
    "locked.pdf": (office.pdf("Tea.", trailer=office.LOCK), "locked with a password"),
    "half.pdf": (office.pdf("Tea.")[:300], "damaged or cut off"),
    "head.pdf": (b"%PDF-1.7\n", "damaged or cut off"),
    "loop.pdf": (office.pdf("Tea.", kids="5 0 R 2 0 R"), ""),
    "no-page.pdf": (office.pdf(kids="9 0 R"), "holds no text; it may be a scan"),
    # office files
    "text.docx": (TEA.encode(), NO_WORD),
    "half.docx": (_word()[:-30], NO_WORD),
    "flipped.docx": (_word().replace(b"PK\x03\x04", b"PK\x03\x05"), NO_WORD),
    "old-inside.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "locked with a password, or of an old"),
    "old.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old office format; save it as .docx"),
    "old.xls": (b"a", "an old office format; save it as .xlsx"),
    "old.ppt": (b"a", "an old office format; save it as .pptx"),
    "other.xlsx": (_word(), "not an Excel file"),
    "other.pptx": (_word(), "not a PowerPoint file"),
    "blank.docx": (_word(""), "holds no text"),
    "not-xml.docx": (_word(word__document_xml="<w:document"), DAMAGED),
    "no-text-part.docx": (office.packed({"word/styles.xml": "<a/>"}), DAMAGED),
    "laughs.docx": (office.docx(WORD, head=f"{BOMB}]>"), "defines entities"),
    "outside.docx": (office.docx("&x;", head=XXE), "defines entities"),
    "slip.docx": (office.docx(WORD, more={"../../evil.txt": "a", "/etc/evil": "b"}), ""),
    "deep.docx": (_word("<w:sdt><w:sdtContent>" * 3000 + WORD + "</w:sdtContent></w:sdt>" * 3000), DAMAGED),
    # tables and lines
    "formula.csv": (b"name,sum\n\"=cmd|' /C calc'!A0\",=1+1\n", ""),
    "quote.csv": (b'a,"b\n' * 10, ""),
    "field.csv": (b"a," + b"x" * 200_000, DAMAGED),
    "commas.csv": (b",,,\n,,,\n", "holds no text"),
    "deep.jsonl": (b"[" * 100_000, "deep.jsonl:1: not JSON"),
    "nan.jsonl": (b'{"id": "nan", "text": "a", "n": NaN}', "nan.jsonl:1: not JSON"),
    "twice-key.jsonl": (b'{"id": "a", "id": "key", "text": "a"}', ""),
    "no-id.jsonl": (b'{"text": "a"}', 'no-id.jsonl:1: "id" is missing'),
    # names and things that are no files
    "-rf.txt": (TEA.encode(), ""),
    "..md": (TEA.encode(), ""),
    "con.txt": (TEA.encode(), ""),
    "a b;$(ls) 'c'.md": (TEA.encode(), ""),
    f"{'茶' * 82}.txt": (TEA.encode(), ""),
    "two\nlines.md": (TEA.encode(), "its name holds a control character; rename it"),
    "\x1b[2J.md": (TEA.encode(), "its name holds a control character; rename it"),
    "pipe.md": (os.mkfifo, "no ordinary file"),
    "socket.md": (_socket, "no ordinary file"),
    "device.md": (lambda path: path.symlink_to("/dev/zero"), "no ordinary file"),
    "loop.md": (lambda path: path.symlink_to(path.name), "no such file"),
    "gone.md": (lambda path: path.symlink_to("absent"), "no such file"),
    "folder.md": (Path.mkdir, "no articles in this folder"),
}

HEAVY: dict[str, tuple[Make, str]] = {
    "sparse.txt": (_sparse, "larger than 50 MB"),
    "sparse.pdf": (_sparse, "larger than 50 MB"),
    "sparse.jsonl": (_sparse, "longer than 50 MB"),
    "long-line.txt": (TEA.encode() * 30_000, ""),
    "long-line-gbk.md": (TEA.encode("gbk") * 30_000, ""),
    "49-mb.txt": (f"{TEA}\n".encode("gbk") * 740_000, ""),
    "deep.html": (b"<div>" * 10_000 + TEA.encode() + b"</div>" * 10_000, "no text is found|may be damaged"),
    "tables.html": (_html("<table><tr><td>" * 2000), ""),
    "image.html": (_html(f'<img src="data:image/png;base64,{"A" * 10_000_000}">'), ""),
    "image.md": (f"{TEA}\n![a](data:image/png;base64,{'A' * 10_000_000})\n".encode(), ""),
    "table.html": (_html("<table>" + "<tr><td>茶<td>水" * 25_000 + "</table>"), ""),
    "table.csv": (b"a,b,c\n" * 50_000, ""),
    "wide.csv": (b"," * 40_000_000, "too much memory"),
    "bomb.docx": (_word(word__media__a_bin=bytes(190_000_000)), "unpacks to 190 MB"),
    "sheet.xlsx": (office.packed({"xl/worksheets/sheet1.xml": b" " * 150_000_000}), "unpacks to 150 MB"),
    "parts.docx": (office.packed({f"word/{number}": "" for number in range(20_000)}), "in 20000 parts"),
    "same.txt": (f"{TEA}\n".encode() * 1000, ""),
    "pages.pdf": (office.pdf(*["Tea grows in the hills."] * 15_000), "took longer than 10 s"),
}


def make(folder: Path, name: str, content: Make) -> Path:
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content(path)
    return path
