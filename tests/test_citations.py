import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.citations import Citer
from rag.embedding import HashEmbedder
from rag.evidence import Evidence
from rag.records import Article
from rag.sentences import split_sentences
from rag.support import Supporter
from tests.conftest import BRIDGE, TEA, make_article

ARTICLES = {article.id: article for article in (make_article(TEA), make_article(BRIDGE, "bridge.md"))}


def evidence_of(article: Article, first: int = 1) -> list[Evidence]:
    prose = [each for each in split_sentences(article.text, markdown=True) if not each.heading]
    return [
        Evidence(number, article.id, sentence, article.text[sentence.start : sentence.end], "")
        for number, sentence in enumerate(prose, start=first)
    ]


TEA_EVIDENCE = evidence_of(ARTICLES["tea.md"])
EVIDENCE = TEA_EVIDENCE + evidence_of(ARTICLES["bridge.md"], len(TEA_EVIDENCE) + 1)


def cite(*pieces: str) -> tuple[str, list[str], list[str]]:
    citer = Citer(Supporter("", EVIDENCE, HashEmbedder()), ARTICLES)
    text = "".join(map(citer.feed, pieces)) + citer.finish()
    return text, [citation.quote for citation in citer.citations], citer.unsupported


OUTPUT = "云雾茶厂2023年产茶320吨，比上一年多40吨。"
GREEN = "其中绿茶占六成。"
HEAD = "厂长是李梅，她1998年进厂。"
BUILT = "The bridge was built in 1890 by Ada Moore."


@pytest.mark.parametrize(
    ("raw", "text", "quotes"),
    [
        pytest.param("2023年产茶320吨[1]。", "2023年产茶320吨[1]。", [OUTPUT], id="as asked"),
        pytest.param("厂长是李梅。[3]", "厂长是李梅[1]。", [HEAD], id="after the full stop, renumbered"),
        pytest.param("厂长是李梅【3】。", "厂长是李梅[1]。", [HEAD], id="other brackets"),
        pytest.param("厂长是李梅。", "厂长是李梅[1]。", [HEAD], id="bare sentence attributed"),
        pytest.param("厂长是李梅[99]。", "厂长是李梅[1]。", [HEAD], id="invented number replaced"),
        pytest.param("厂长是李梅[2]。", "厂长是李梅[1]。", [HEAD], id="wrong sentence replaced"),
        pytest.param(
            "绿茶占六成[2]，厂长是李梅[3]。", "绿茶占六成，厂长是李梅[1][2]。", [GREEN, HEAD], id="two in one"
        ),
        pytest.param(
            "厂长是李梅[3]。绿茶占六成[2]。", "厂长是李梅[1]。绿茶占六成[2]。", [HEAD, GREEN], id="by first use"
        ),
        pytest.param(
            "Ada Moore built the bridge in 1890 [5].", "Ada Moore built the bridge in 1890 [1].", [BUILT], id="en"
        ),
    ],
)
def test_markers(raw: str, text: str, quotes: list[str]) -> None:
    assert cite(raw) == (text, quotes, [])


def test_a_sentence_that_nothing_supports_has_no_marker_and_is_reported() -> None:
    citer = Citer(Supporter("", TEA_EVIDENCE, HashEmbedder()), ARTICLES)
    assert citer.feed("厂长喜欢钓鱼和登山运动[3]。") + citer.finish() == "厂长喜欢钓鱼和登山运动。"
    assert (citer.citations, citer.unsupported) == ((), ["厂长喜欢钓鱼和登山运动"])


def test_a_figure_that_no_source_has_is_reported() -> None:
    text, quotes, unsupported = cite("云雾茶厂2023年产茶350吨[1]。")
    assert (text, quotes) == ("云雾茶厂2023年产茶350吨[1]。", [OUTPUT])
    assert unsupported == ["350"]


def test_a_sentence_of_our_own_has_its_markers_before_its_full_stop() -> None:
    citer = Citer(Supporter("", EVIDENCE, HashEmbedder()), ARTICLES)
    assert citer.state("多40吨[约]。", [EVIDENCE[2], EVIDENCE[0], EVIDENCE[2]]) == "多40吨(约)[1][2]。"
    assert citer.state("It is 40 more", EVIDENCE[:1]) == "It is 40 more[2]"
    assert [citation.quote for citation in citer.citations] == [HEAD, OUTPUT]


def test_a_bracket_that_is_no_marker_does_not_read_as_one() -> None:
    text, _, _ = cite("厂长是李梅[见3页]。")
    assert text == "厂长是李梅(见3页)[1]。"


def test_decimal_points_and_initials_do_not_end_a_sentence() -> None:
    text, quotes, _ = cite("It cost 12,000 pounds, i.e. 12.000 in all. Cars were banned in 1975.")
    assert text == "It cost 12,000 pounds, i.e. 12.000 in all[1]. Cars were banned in 1975[2]."
    assert quotes == ["It cost 12,000 pounds.", "Cars were banned in 1975."]


def test_an_unfinished_marker_is_held_back() -> None:
    citer = Citer(Supporter("", EVIDENCE, HashEmbedder()), ARTICLES)
    assert citer.feed("厂长是李梅[") == "厂长是李梅"
    assert citer.feed("3") == ""
    assert citer.feed("]。") == ""
    assert citer.finish() == "[1]。"


RAW = st.lists(
    st.one_of(
        st.sampled_from(
            ["厂长是李梅", "绿茶占六成", "产茶320吨", "built in 1890", "。", "！", ". ", "\n", "，", "“", "”"]
        ),
        st.sampled_from(["[1]", "[2,3]", "【4】", "[77]", "[", "]", "[a]", "[[3]]", "［5］", "[1", "[1、2]", "[000]"]),
        st.text(alphabet="茶厂abc 019[].。", max_size=6),
    ),
    max_size=14,
)


@example(["[1", "\n", "]"], 1)
@example(["厂长是李梅[1, 2, 3, 4, 5, 6, 7, 8, 9]。"], 1)
@given(RAW, st.integers(1, 7))
def test_whatever_a_model_says_the_answer_keeps_its_promises(raw: list[str], size: int) -> None:
    whole = "".join(raw)
    citer = Citer(Supporter("", EVIDENCE, HashEmbedder()), ARTICLES)
    text = "".join(citer.feed(whole[i : i + size]) for i in range(0, len(whole), size)) + citer.finish()

    shown = [int(number) for number in re.findall(r"\[(\d+)\]", text)]
    markers = [citation.marker for citation in citer.citations]
    assert set(shown) == set(markers)
    assert list(dict.fromkeys(shown)) == markers == list(range(1, len(markers) + 1))
    for citation in citer.citations:
        assert ARTICLES[citation.article].text[citation.start : citation.end] == citation.quote
    assert text == cite(whole)[0], "how the text is cut into pieces must not matter"
