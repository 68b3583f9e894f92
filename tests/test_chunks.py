from hypothesis import given
from hypothesis import strategies as st

from rag.building import index_articles
from rag.chunks import CONTEXT, MOST, embedded_text, split_chunks
from rag.embedding import HashEmbedder
from rag.evidence import select_evidence
from rag.layout import read_lines
from rag.records import Article, Chunk
from rag.retrieval import Found
from rag.sentences import LONGEST, split_sentences
from tests.conftest import TEA, make_article
from tests.test_sentences import TEXTS

TABLE = "## 产量\n\n| 茶 | 吨 |\n|----|----|\n| 绿茶 | 320 |\n| 红茶 | 100 |\n| 白茶 | 30 |\n"


def chunks_of(article: Article, size: int) -> list[Chunk]:
    return split_chunks(article, split_sentences(article.text, markdown=article.markdown), count=len, size=size)


def cut(article: Article, size: int) -> list[str]:
    return [article.text[chunk.start : chunk.end] for chunk in chunks_of(article, size)]


def test_a_heading_opens_its_chunk() -> None:
    assert cut(make_article(TEA), size=200) == [
        "云雾茶厂\n\n## 产量\n\n云雾茶厂2023年产茶320吨，比上一年多40吨。其中绿茶占六成。",
        "人员\n\n厂长是李梅，她1998年进厂。茶厂有员工85人。",
    ]


def test_a_full_chunk_ends_at_a_sentence_and_the_next_keeps_the_heading() -> None:
    article = make_article("## 产量\n甲有五吨茶。乙有六吨茶。丙有七吨茶。")
    chunks = chunks_of(article, 14)
    assert [article.text[chunk.start : chunk.end] for chunk in chunks] == [
        "产量\n甲有五吨茶。乙有六吨茶。",
        "丙有七吨茶。",
    ]
    assert [chunk.heading for chunk in chunks] == ["产量", "产量"]
    assert embedded_text(article, chunks[1]) == "tea.md\n产量\n丙有七吨茶。"


def test_a_chunk_knows_the_headings_over_its_own() -> None:
    article = make_article("# 茶厂\n## 产量\n### 历年\n甲有五吨茶。乙有六吨茶。\n## 人员\n李梅。")
    chunks = chunks_of(article, 14)
    assert [(chunk.above, chunk.heading) for chunk in chunks] == [
        ("茶厂 > 产量", "历年"),
        ("茶厂 > 产量", "历年"),
        ("茶厂", "人员"),
    ]
    assert [embedded_text(article, chunk) for chunk in chunks] == [
        "tea.md\n茶厂\n## 产量\n### 历年\n甲有五吨茶。",
        "tea.md\n茶厂 > 产量 > 历年\n乙有六吨茶。",
        "tea.md\n茶厂\n人员\n李梅。",
    ]


def test_numbered_headings_are_below_one_another() -> None:
    text = "茶厂章程\n第一章 总则\n一、目的\n为了茶。\n二、范围\n茶园。"
    article = make_article(text, markdown=False)
    assert [(chunk.above, chunk.heading) for chunk in chunks_of(article, 10)] == [
        ("茶厂章程 > 第一章 总则", "一、目的"),
        ("茶厂章程 > 第一章 总则", "二、范围"),
    ]


def test_a_list_stays_with_the_line_that_leads_in() -> None:
    text = "茶厂在山上，有三十年了。\n\n产品有：\n\n- 绿茶。很香。\n- 红茶。\n\n都好。"
    assert cut(make_article(text), 20) == ["茶厂在山上，有三十年了。", "产品有：\n\n- 绿茶。很香。\n- 红茶。\n\n都好。"]
    assert cut(make_article(text), 9) == [
        "茶厂在山上，有三十年了。",
        "产品有：\n\n- 绿茶。",
        "很香。\n- 红茶。",
        "都好。",
    ]


def test_rows_know_the_header_of_their_table() -> None:
    article = make_article(TABLE)
    chunks = chunks_of(article, 18)
    assert [(article.text[chunk.start : chunk.end], chunk.columns) for chunk in chunks] == [
        ("产量\n\n| 茶 | 吨 |\n|----|----|\n| 绿茶 | 320", ""),
        ("红茶 | 100 |\n| 白茶 | 30", "茶 | 吨"),
    ]
    assert embedded_text(article, chunks[1]) == "tea.md\n产量\n茶 | 吨\n红茶 | 100 |\n| 白茶 | 30"
    assert len(chunks_of(article, 80)) == 1


def test_rows_are_shown_as_evidence_under_their_columns() -> None:
    rows = "".join(f"| 第{place}种茶叶 | {place} |\n" for place in range(20))
    index = index_articles([make_article(f"## 产量\n| 茶 | 吨 |\n|---|---|\n{rows}")], HashEmbedder())
    evidence = select_evidence([Found(index.chunks[-1], 1.0, 1.0, 1.0)], index, HashEmbedder().count_tokens)
    assert {each.heading for each in evidence} == {"产量\n茶 | 吨"}
    assert evidence[-1].text == "第19种茶叶 | 19"


def test_a_question_stays_with_the_beginning_of_its_answer() -> None:
    text = "问：茶厂在哪里？\n答：在云雾山。海拔很高。\nQ2: 多高？\nA: 一千米。"
    assert cut(make_article(text, markdown=False), 5) == [
        "问：茶厂在哪里？\n答：在云雾山。",
        "海拔很高。",
        "Q2: 多高？\nA: 一千米。",
    ]
    assert cut(make_article("## 茶厂在哪里？\n\n在云雾山。"), 5) == ["茶厂在哪里？\n\n在云雾山。"]


def test_no_chunk_spans_boilerplate_and_a_byline_is_not_amid_prose() -> None:
    text = "# 茶\n\n作者：张三\n\n茶好。\n\n分享到 微信 微博\n\n茶香。\n\n图源：李四\n\n茶绿。"
    assert cut(make_article(text), 100) == ["茶\n\n作者：张三\n\n茶好。", "茶香。", "图源：李四", "茶绿。"]


def test_context_is_bounded() -> None:
    article = Article("a", "题" * 500, "/a", "茶。", "/")
    [chunk] = chunks_of(article, 10)
    assert embedded_text(article, chunk) == "题" * CONTEXT + "\n茶。"


def test_an_outline_is_cut_although_it_is_all_headings() -> None:
    article = make_article("# 茶\n" * 1000)
    assert {chunk.last - chunk.first for chunk in chunks_of(article, 20)} == {MOST // 2, 1000 % (MOST // 2)}


@given(TEXTS, st.booleans(), st.integers(1, 80))
def test_chunks_cover_every_sentence_once_in_order(text: str, markdown: bool, size: int) -> None:
    article = make_article(text, markdown=markdown)
    sentences = split_sentences(text, markdown=markdown)
    chunks = chunks_of(article, size)
    assert chunks == chunks_of(article, size)
    assert [place for chunk in chunks for place in range(chunk.first, chunk.last)] == list(range(len(sentences)))
    for chunk in chunks:
        within = sentences[chunk.first : chunk.last]
        assert (chunk.start, chunk.end) == (within[0].start, within[-1].end)
        length = len("".join(text[chunk.start : chunk.end].split()))
        assert length <= (MOST if len(within) > 1 else LONGEST)
        assert (
            chunk.last == len(sentences)
            or not within[-1].heading
            or length >= MOST - LONGEST
            or _cleared(article, within[-1].end, sentences[chunk.last].start)
        )


def _cleared(article: Article, start: int, end: int) -> bool:
    lines = read_lines(article.text, markdown=article.markdown)
    return any(line.kind == "boilerplate" and start <= line.start < end for line in lines)


@given(
    st.lists(st.sampled_from(["# 标题", "一句话。", "两句话。第二句！", "", "很长" * 30 + "。"])),
    st.integers(1, 80),
)
def test_chunks_of_prose_keep_to_the_size(lines: list[str], size: int) -> None:
    article = make_article("\n".join(lines))
    sentences = split_sentences(article.text, markdown=True)
    for chunk in chunks_of(article, size):
        prose = [each for each in sentences[chunk.first : chunk.last] if not each.heading]
        assert len(prose) <= 1 or sum(each.end - each.start for each in prose) <= size
