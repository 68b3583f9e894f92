import pytest

from rag.arithmetic import compute
from rag.evidence import Evidence
from rag.records import Sentence


@pytest.mark.parametrize(
    ("question", "text", "sentence"),
    [
        ("甲厂的产量比乙厂多多少？", "甲厂产量3吨，乙厂2吨。", "甲厂的产量比乙厂多1吨（3吨 − 2吨）。"),
        ("甲厂的产量比乙厂多多少？", "甲厂产量2吨，乙厂3吨。", "甲厂的产量比乙厂少1吨（3吨 − 2吨）。"),
        ("甲厂的产量比乙厂多多少？", "甲厂产量约3吨，乙厂2吨。", "甲厂的产量比乙厂多了约1吨（3吨 − 2吨）。"),
        ("甲厂的份额领先乙厂多少？", "甲厂份额30%，乙厂20%。", "甲厂的份额比乙厂高10个百分点（30% − 20%）。"),
        ("甲厂和乙厂一共多少吨？", "甲厂3吨，乙厂2吨。", "甲厂和乙厂合计5吨（3吨 + 2吨）。"),
        ("甲厂的产量是乙厂的几倍？", "甲厂产量3吨，乙厂2吨。", "甲厂的产量是乙厂的1.5倍（3吨 ÷ 2吨）。"),
        ("女生占全校的百分之几？", "全校80人，女生20人。", "女生占全校的25%（20人 ÷ 80人）。"),
        ("除了甲厂和乙厂，还剩多少？", "甲厂占30%，乙厂占20%。", "除甲厂、乙厂外，还剩50%（100% − 30% − 20%）。"),
        (
            "从2019年到2023年，产量下降了百分之几？",
            "2019年产量80吨，2023年产量60吨。",
            "从2019年到2023年，产量下降25%（(60吨 − 80吨) ÷ 80吨）。",
        ),
        (
            "甲塔建成比乙塔建成早几年？",
            "甲塔建成于1990年，乙塔建成于2000年。",
            "甲塔建成比乙塔建成早10年（2000年 − 1990年）。",
        ),
        ("甲厂和乙厂谁的产量更低？", "甲厂产量3吨，乙厂2吨。", "乙厂产量更低：乙厂2吨，甲厂3吨。"),
        ("甲廠的產量比乙廠多多少？", "甲廠產量3萬噸，乙廠2萬噸。", "甲廠的產量比乙廠多1萬噸（3萬噸 − 2萬噸）。"),
        (
            "How much wider is the gate than the door?",
            "The gate is 3 metres wide, the door 1 metre.",
            "The gate is 2 metres wider than the door (3 metres − 1 metre).",
        ),
        (
            "How much wider is the door than the gate?",
            "The gate is 3 metres wide, the door 1 metre.",
            "The difference is 2 metres: 1 metre (“door”) against 3 metres (“gate”).",
        ),
        (
            "How much do Ada and Ben own together?",
            "Ada owns $3, Ben owns $2.",
            "Together that is $5: $3 (“Ada”) and $2 (“Ben”).",
        ),
    ],
)
def test_sentences(question: str, text: str, sentence: str) -> None:
    found = compute(question, [Evidence(1, "a.md", Sentence(0, len(text)), text, "")])
    assert found is not None
    assert found.sentence == sentence
