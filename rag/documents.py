"""PDF, DOCX, PPTX, XLSX and CSV to Markdown, through markitdown, after a look at what could hurt.

A file is taken for what its suffix says and its first bytes confirm. ``rag.worker`` runs this in a process of its own.
"""

import re
from io import BytesIO
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from rag.encoding import with_unix_ends
from rag.errors import ArticleError
from rag.frontmatter import first_heading
from rag.records import Content

OFFICE = {".docx": "a Word", ".pptx": "a PowerPoint", ".xlsx": "an Excel"}
_FOLDERS = {".docx": "word/", ".pptx": "ppt/", ".xlsx": "xl/"}
_UNPACKED = 200_000_000  # bytes of all parts together
_RATIO = 100  # unpacked to packed, beyond the first 10 MB; text of office files has 10 to 20
_PARTS = 10_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
_COMMENT = re.compile(r"<!-- Slide number: \d+ -->\n?")
_EMPTY_CELL = re.compile(r"(?<=\|) (?:NaN|Unnamed: \d+) (?=\|)")
_NO_HEADER = re.compile(r"^\|(?:  \|)+\n(\|(?: --- \|)+)\n(\|.*\|)$", re.MULTILINE)  # how mammoth's tables come out
_ENDED = re.compile(r"[。！？!?.;；:：|]$")
_BLANK_LINES = re.compile(r"\n{3,}")
_NO_TITLE = {"PowerPoint Presentation", "PowerPoint 演示文稿", "Word Document", "Document", "Untitled", "无标题"}


def read_document(raw: bytes, suffix: str, where: str) -> Content:
    """Convert a document, a CSV being in UTF-8; the title is that of its properties or its first heading.

    Raises:
        ArticleError: it is not what its suffix says, locked, dangerous, or a PDF without text.

    """
    title = date = ""
    if suffix == ".pdf":
        title, date = _look_at_pdf(raw, where)
    elif suffix in OFFICE:
        title, date = _look_at_office(raw, suffix, where)
    text = _tidy(_convert(BytesIO(raw), suffix))
    if suffix == ".pdf":
        text = _unwrap(text)
        if not any(map(str.isalnum, text)):
            raise ArticleError(f"{where}: holds no text; it may be a scan: recognise its text first")
    title = " ".join(title.split())
    title = first_heading(text, markdown=True) if title in _NO_TITLE or not title else title
    return Content(text=text, title=title, markdown=True, date=date)


def _convert(stream: BytesIO, suffix: str) -> str:
    # the converters themselves: MarkItDown() would guess types with a neural network, and load plugins
    from markitdown import StreamInfo
    from markitdown.converters import CsvConverter, DocxConverter, PdfConverter, PptxConverter, XlsxConverter

    converters: dict[str, Any] = {
        ".pdf": PdfConverter,
        ".docx": DocxConverter,
        ".pptx": PptxConverter,
        ".xlsx": XlsxConverter,
        ".csv": CsvConverter,
    }
    converted = converters[suffix]().convert(stream, StreamInfo(extension=suffix, charset="utf-8"))
    return str(converted.markdown)


def _tidy(text: str) -> str:
    text = with_unix_ends(text).replace("\f", "\n\n").replace("\0", "")
    text = _NO_HEADER.sub(r"\2\n\1", text)
    text = _EMPTY_CELL.sub("  ", _COMMENT.sub("", _IMAGE.sub("", text)))
    return _BLANK_LINES.sub("\n\n", text.encode("utf-8", "ignore").decode()).strip() + "\n"


def _unwrap(text: str) -> str:
    """Join the lines of a paragraph that only end because the page is no wider; a sentence is not cut by them."""
    paragraphs = []
    for paragraph in text.split("\n\n"):
        lines = [line.strip() for line in paragraph.split("\n")]
        wide = 0.75 * max(map(_width, lines))
        joined = lines[0]
        for before, line in pairwise(lines):
            wrapped = _width(before) >= max(wide, 20) and not _ENDED.search(before) and not line.startswith(("|", "#"))
            joined += (" " if before[-1:].isascii() and line[:1].isascii() else "") + line if wrapped else f"\n{line}"
        paragraphs.append(joined)
    return "\n\n".join(paragraphs).strip() + "\n"


def _width(line: str) -> int:
    """Return how wide a line is, in Latin letters."""
    return sum(1 if character < "\u2e80" else 2 for character in line)


def _look_at_pdf(raw: bytes, where: str) -> tuple[str, str]:
    """Return title and date, if the file is a PDF that opens without a password."""
    from pdfminer.pdfdocument import PDFDocument, PDFPasswordIncorrect
    from pdfminer.pdfparser import PDFParser
    from pdfminer.psexceptions import PSException
    from pdfminer.utils import decode_text

    if b"%PDF-" not in raw[:1024]:
        raise ArticleError(f"{where}: not a PDF file, whatever its name says; give it the suffix of what it is")
    try:
        document = PDFDocument(PDFParser(BytesIO(raw)))
    except PDFPasswordIncorrect as error:
        raise ArticleError(f"{where}: locked with a password; save it without one") from error
    except PSException as error:
        raise ArticleError(f"{where}: damaged or cut off; fetch or save it anew") from error
    facts = document.info[0] if document.info else {}
    title, created = (
        decode_text(facts[name]) if isinstance(facts.get(name), bytes) else "" for name in ("Title", "CreationDate")
    )
    day = re.match(r"D:(\d{4})(\d\d)(\d\d)", created)
    return title, "-".join(day.groups()) if day else ""


def _look_at_office(raw: bytes, suffix: str, where: str) -> tuple[str, str]:
    """Return title and date, if unpacking and parsing the file cannot hurt."""
    if raw.startswith(_OLE):
        raise ArticleError(f"{where}: locked with a password, or of an old format; save it as {suffix} without one")
    try:
        with ZipFile(BytesIO(raw)) as package:
            _check_parts(package, len(raw), where)
            if not any(name.startswith(_FOLDERS[suffix]) for name in package.namelist()):
                raise ArticleError(f"{where}: not {OFFICE[suffix]} file, whatever its name says; save it anew")
            return _properties(package)
    except (BadZipFile, EOFError, NotImplementedError, ElementTree.ParseError, ValueError) as error:
        raise ArticleError(f"{where}: not {OFFICE[suffix]} file, or damaged; save it anew") from error


def _check_parts(package: ZipFile, packed: int, where: str) -> None:
    parts = package.infolist()
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > _PARTS or unpacked > _UNPACKED or unpacked > 10_000_000 + _RATIO * packed:
        raise ArticleError(f"{where}: unpacks to {unpacked / 1e6:,.0f} MB in {len(parts)} parts; split it")
    for part in parts:
        if part.flag_bits & 1:
            raise ArticleError(f"{where}: locked with a password; save it without one")
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            text = package.read(part).replace(b"\0", b"")  # as UTF-16 would hide it
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                name = ascii(part.filename)
                raise ArticleError(f"{where}: {name} defines entities, as no office program does; save it anew")


def _properties(package: ZipFile) -> tuple[str, str]:
    if "docProps/core.xml" not in package.namelist():
        return "", ""
    core = ElementTree.fromstring(package.read("docProps/core.xml"))
    title = core.findtext("{http://purl.org/dc/elements/1.1/}title") or ""
    return title, (core.findtext("{http://purl.org/dc/terms/}modified") or "")[:10]
