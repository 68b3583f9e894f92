from hypothesis import given
from hypothesis import strategies as st

from rag.chunks import embedded_text, split_chunks
from rag.records import Article
from rag.sentences import split_sentences
from tests.conftest import TEA, make_article


def cut(article: Article, size: int) -> list[str]:
    sentences = split_sentences(article.text, markdown=article.markdown)
    chunks = split_chunks(article, sentences, count=len, size=size)
    return [article.text[chunk.start : chunk.end] for chunk in chunks]


def test_a_heading_opens_its_chunk() -> None:
    assert cut(make_article(TEA), size=200) == [
        "云雾茶厂\n\n## 产量\n\n云雾茶厂2023年产茶320吨，比上一年多40吨。其中绿茶占六成。",
        "人员\n\n厂长是李梅，她1998年进厂。茶厂有员工85人。",
    ]


def test_a_full_chunk_ends_at_a_sentence_and_the_next_keeps_the_heading() -> None:
    article = make_article("## 产量\n甲有五吨茶。乙有六吨茶。丙有七吨茶。")
    sentences = split_sentences(article.text, markdown=True)
    chunks = split_chunks(article, sentences, count=len, size=14)
    assert [article.text[chunk.start : chunk.end] for chunk in chunks] == [
        "产量\n甲有五吨茶。乙有六吨茶。",
        "丙有七吨茶。",
    ]
    assert [chunk.heading for chunk in chunks] == ["产量", "产量"]
    assert embedded_text(article, chunks[1]) == "tea.md\n产量\n丙有七吨茶。"


@given(
    st.lists(st.sampled_from(["# 标题", "一句话。", "两句话。第二句！", "", "很长" * 30 + "。"])),
    st.integers(1, 80),
)
def test_chunks_cover_every_sentence_once_in_order(lines: list[str], size: int) -> None:
    article = make_article("\n".join(lines))
    sentences = split_sentences(article.text, markdown=True)
    chunks = split_chunks(article, sentences, count=len, size=size)
    covered = [place for chunk in chunks for place in range(chunk.first, chunk.last)]
    assert covered == list(range(len(sentences)))
    for chunk in chunks:
        prose = [each for each in sentences[chunk.first : chunk.last] if not each.heading]
        assert len(prose) <= 1 or sum(each.end - each.start for each in prose) <= size
