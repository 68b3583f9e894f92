"""The address of an index in Milvus: a server or a file of Milvus Lite, a database, and a name.

    milvus://HOST:19530/NAME                 milvus+tls://HOST/NAME            milvus:///PATH/FILE.db/NAME
    milvus://HOST:19530/DATABASE/NAME        milvus+tls://HOST/DATABASE/NAME

Credentials are no part of it: command lines and settings are seen by others.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from rag.errors import UsageError

TOKEN = "SUWEN_MILVUS_TOKEN"  # the variable that holds user:password, or an API key
FORMS = "write milvus://HOST:19530/NAME, milvus+tls://HOST/NAME or milvus:///PATH/FILE.db/NAME"
_PORT = 19530
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
_SCHEMES = {"milvus": "http", "milvus+tls": "https"}


@dataclass(frozen=True)
class Address:
    """Where an index is: what the client connects to, the database of the server, and the index's name."""

    text: str
    uri: str
    database: str
    name: str

    def __str__(self) -> str:
        return self.text


def is_address(text: str) -> bool:
    """Tell whether an index is named by an address of Milvus, and not by a folder."""
    scheme, sign, _ = text.partition("://")
    return bool(sign) and scheme in _SCHEMES


def parse(text: str) -> Address:
    """Read ``milvus://HOST[:PORT][/DATABASE]/NAME``, ``milvus+tls://`` likewise, or ``milvus:///PATH/FILE.db/NAME``.

    Raises:
        UsageError: it is no such address, or has a password in it.

    """
    if "@" in text and ":///" not in text:  # wherever: a password may hold a slash
        raise UsageError(f"an address with a user in it would be seen by others; set {TOKEN}=USER:PASSWORD instead")
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise UsageError(f"{text}: is no address of an index; {FORMS}") from error
    place, _, name = parts.path.rpartition("/")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{text}: {name!r} is no name of letters, digits and _; {FORMS}")
    if not parts.netloc:
        if parts.scheme != "milvus" or not place.endswith(".db"):
            raise UsageError(f"{text}: has no host, nor a file whose name ends in .db; {FORMS}")
        return Address(text, place, "", name)
    try:
        port = parts.port or _PORT
    except ValueError as error:
        raise UsageError(f"{text}: its port is no number; {FORMS}") from error
    database = place.strip("/")
    if not parts.hostname or "/" in database or parts.query or parts.fragment:
        raise UsageError(f"{text}: is no address of an index; {FORMS}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Address(text, f"{_SCHEMES[parts.scheme]}://{host}:{port}", database, name)
