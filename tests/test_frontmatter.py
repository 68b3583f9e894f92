import pytest

from rag.errors import ArticleError
from rag.frontmatter import is_url, read_text
from rag.records import Content


def read(front: str) -> Content:
    return read_text(f"---\n{front}\n---\n茶。\n", "a.md", markdown=True)


def test_all_that_front_matter_says() -> None:
    front = "title: 云雾茶\ndate: 2024-03-01\nurl: https://wiki.example/茶\ngroups: [hr, it, hr]\nquestions: [产量？]"
    assert read(front) == Content(
        text="茶。\n",
        title="云雾茶",
        source="https://wiki.example/茶",
        markdown=True,
        questions=("产量？",),
        date="2024-03-01",
        groups=("hr", "it"),
    )


@pytest.mark.parametrize(
    ("front", "source"),
    [
        ("source: https://a.example/\nurl: https://b.example/", "https://a.example/"),
        ("source: [https://a.example/]", ""),
    ],
)
def test_source(front: str, source: str) -> None:
    assert read(front).source == source


@pytest.mark.parametrize(
    ("front", "groups"), [("a: b", ()), ("groups: []", ()), ("groups: hr", ("hr",)), ("groups: [' hr ']", ("hr",))]
)
def test_groups(front: str, groups: tuple[str, ...]) -> None:
    assert read(front).groups == groups


@pytest.mark.parametrize("groups", ["", "''", "{hr: 1}", "[hr, [it]]", "[hr, '']"])
def test_groups_that_are_unclear_do_not_mean_everybody(groups: str) -> None:
    with pytest.raises(ArticleError, match="^a.md: its groups are not a list of names; write groups:"):
        read(f"groups: {groups}")


def test_front_matter_that_would_explode() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{old}, *{old}]\n" for old, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    many = "".join(f"b{n}: &b{n} [*b{n - 1}, *b{n - 1}]\n" for n in range(1, 60))
    assert read(bomb + "questions: *i\ntitle: *i").questions == ()
    assert read(f"b0: &b0 [x, x]\n{many}questions: *b59").questions == ()
    with pytest.raises(ArticleError, match="^a.md: its front matter is longer than 65536 characters"):
        read("a: " + "x" * 70_000)


@pytest.mark.parametrize("field", ["title: {}", "date: {}", "source: {}", "questions: [a, {}]", "groups: [a, {}]"])
def test_half_a_character_is_an_error(field: str) -> None:
    """YAML takes it, but no index could be written with it."""
    with pytest.raises(ArticleError, match="^a.md: its front matter holds half a character"):
        read(field.format('"\\ud83d"'))


def test_addresses() -> None:
    assert [is_url(each) for each in ("http://a", "HTTPS://a", "file:///a", "a.md", "http/a")] == [True, True] + [
        False
    ] * 3
