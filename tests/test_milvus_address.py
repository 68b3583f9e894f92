import pytest

from rag.errors import UsageError
from rag.milvus.address import is_address, parse


@pytest.mark.parametrize(
    ("text", "uri", "database", "name"),
    [
        ("milvus://wiki:19531/tea", "http://wiki:19531", "", "tea"),
        ("milvus://wiki/tea", "http://wiki:19530", "", "tea"),
        ("milvus://wiki/staff/tea", "http://wiki:19530", "staff", "tea"),
        ("milvus+tls://wiki.example/tea_2", "https://wiki.example:19530", "", "tea_2"),
        ("milvus://[::1]:19530/tea", "http://[::1]:19530", "", "tea"),
        ("milvus:///var/lib/suwen.db/tea", "/var/lib/suwen.db", "", "tea"),
    ],
)
def test_an_address(text: str, uri: str, database: str, name: str) -> None:
    address = parse(text)
    assert (address.uri, address.database, address.name, str(address)) == (uri, database, name, text)
    assert is_address(text)


@pytest.mark.parametrize("text", ["sample", "./tea", "/var/milvus/tea", "https://wiki/tea", "milvus"])
def test_what_is_a_folder(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("milvus://wiki", "'' is no name of letters, digits and _"),
        ("milvus://wiki/my-tea", "'my-tea' is no name of letters, digits and _"),
        ("milvus://wiki/茶", "'茶' is no name of letters, digits and _"),
        ("milvus:///tea", "has no host, nor a file whose name ends in .db"),
        ("milvus+tls:///a.db/tea", "has no host, nor a file whose name ends in .db"),
        ("milvus://wiki:port/tea", "its port is no number"),
        ("milvus://wiki/a/b/tea", "is no address of an index"),
        ("milvus://[::1/tea", "is no address of an index"),
        ("milvus://wiki/tea?database=staff", "is no address of an index"),
        ("milvus://wiki/tea#staff", "is no address of an index"),
    ],
)
def test_what_is_none_names_the_forms(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(text)
    forms = "write milvus://HOST:19530/NAME, milvus+tls://HOST/NAME or milvus:///PATH/FILE.db/NAME"
    assert str(error.value) == f"{text}: {said}; {forms}"


@pytest.mark.parametrize("password", ["secret", "secret/", "#secret", "[secret"])
def test_a_password_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(UsageError, match="set SUWEN_MILVUS_TOKEN=USER:PASSWORD instead$") as error:
        parse(f"milvus://me:{password}@wiki/tea")
    assert "secret" not in str(error.value)
