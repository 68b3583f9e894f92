from rag.building import index_articles
from rag.embedding import HashEmbedder
from rag.evidence import select_evidence
from rag.index import Index
from rag.retrieval import Found
from tests.conftest import make_article


def found(index: Index, *positions: int) -> list[Found]:
    return [Found(index.chunks[position], 1.0 - position / 10, 1.0, 1.0) for position in positions]


def chosen(index: Index, order: tuple[int, ...], budget: int) -> list[str]:
    return [each.text for each in select_evidence(found(index, *order), index, HashEmbedder().count_tokens, budget)]


def test_sentences_come_in_reading_order_without_headings(index: Index) -> None:
    # chunks: 0 and 1 of bridge.md, 2 and 3 of tea.md; the best article first, its chunks as they stand
    assert chosen(index, (3, 0, 2), 500) == [
        "云雾茶厂2023年产茶320吨，比上一年多40吨。",
        "其中绿茶占六成。",
        "厂长是李梅，她1998年进厂。",
        "茶厂有员工85人。",
        "The bridge was built in 1890 by Ada Moore.",
        "It cost 12,000 pounds.",
    ]


def test_chunks_that_do_not_fit_are_left_out_but_the_best_is_always_there(index: Index) -> None:
    assert chosen(index, (3, 2), 0) == ["厂长是李梅，她1998年进厂。", "茶厂有员工85人。"]
    assert chosen(index, (3, 2), 30) == chosen(index, (3,), 500)


def test_numbers_offsets_and_headings(index: Index) -> None:
    evidence = select_evidence(found(index, 3), index, HashEmbedder().count_tokens)
    assert [each.number for each in evidence] == [1, 2]
    assert {each.heading for each in evidence} == {"人员"}
    for each in evidence:
        assert index.articles[each.article].text[each.sentence.start : each.sentence.end] == each.text


def test_rows_of_a_table_come_with_its_columns() -> None:
    rows = "".join(f"| {year} | {year % 97} |\n" for year in range(1900, 2000))
    table = index_articles([make_article(f"# 产量\n\n| 年 | 吨 |\n|---|---|\n{rows}")], HashEmbedder())
    evidence = select_evidence(found(table, 1), table, HashEmbedder().count_tokens)
    assert {each.heading for each in evidence} == {"产量\n年 | 吨"}


def test_nothing_found_is_no_evidence(index: Index) -> None:
    assert chosen(index, (), 500) == []
