import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import LONGEST, split_sentences

TEXTS = st.text(alphabet="中文字句abcXYZ019 .。！？!?，,“”（）()《》\"'#-*>\n；…%\t", max_size=600)


def spans(text: str, *, markdown: bool = False) -> list[str]:
    return [text[each.start : each.end] for each in split_sentences(text, markdown=markdown)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("他来了。她走了！真的？对。", ["他来了。", "她走了！", "真的？", "对。"], id="chinese"),
        pytest.param("他说：“来了。”她走了。", ["他说：“来了。”", "她走了。"], id="closing quote stays"),
        pytest.param(
            "他说“好！快走！”然后（笑。哭。）走了。",
            ["他说“好！快走！”", "然后（笑。哭。）走了。"],
            id="pairs kept whole",
        ),
        pytest.param(
            "It cost 3.5 dollars. Dr. A. Moore paid.",
            ["It cost 3.5 dollars.", "Dr. A. Moore paid."],
            id="english",
        ),
        pytest.param(
            "In the U.S. market. Then e.g. tea.",
            ["In the U.S. market.", "Then e.g. tea."],
            id="abbreviations",
        ),
        pytest.param("第一行\n第二行。", ["第一行", "第二行。"], id="lines"),
        pytest.param("见 http://a.cn/?q=1 一页。", ["见 http://a.cn/?q=1 一页。"], id="address"),
        pytest.param("一（没有关上。二。", ["一（没有关上。", "二。"], id="bracket never closed"),
        pytest.param("真的吗?!好。", ["真的吗?!", "好。"], id="several marks"),
    ],
)
def test_sentence_ends(text: str, expected: list[str]) -> None:
    assert spans(text) == expected


def test_markdown_leads_are_left_out() -> None:
    text = "## 产量\n\n- 绿茶。\n> 引文。\n---\n"
    assert spans(text, markdown=True) == ["产量", "绿茶。", "引文。"]
    assert [each.heading for each in split_sentences(text, markdown=True)] == [True, False, False]


def test_a_short_line_without_a_full_stop_is_a_heading_in_plain_text() -> None:
    assert [each.heading for each in split_sentences("一场保卫战\n阿里来了，这是正文。")] == [True, False]


def test_a_run_without_full_stops_is_cut_at_a_comma() -> None:
    pieces = spans("字" * 300 + "，" + "字" * 300)
    assert [len(piece) for piece in pieces] == [301, 300]


@given(TEXTS, st.booleans())
def test_every_letter_lies_in_exactly_one_sentence(text: str, markdown: bool) -> None:
    sentences = split_sentences(text, markdown=markdown)
    owners = [sum(each.start <= place < each.end for each in sentences) for place in range(len(text))]
    assert all(owners[place] == 1 for place, character in enumerate(text) if character.isalnum())
    assert max(owners, default=0) <= 1


@given(TEXTS, st.booleans())
def test_spans_are_trimmed_ordered_and_bounded(text: str, markdown: bool) -> None:
    sentences = split_sentences(text, markdown=markdown)
    assert sentences == sorted(sentences, key=lambda each: each.start)
    for each in sentences:
        quote = text[each.start : each.end]
        assert quote == quote.strip()
        assert "\n" not in quote
        assert each.heading or len(quote) <= LONGEST
