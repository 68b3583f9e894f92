import pytest

from rag.computing.asked import Asked, read_question

NO_UNIT = ("", "")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "2025年三季度，甲的现金储备比乙多多少？",
            Asked("difference", ("甲", "乙"), "2025年三季度", "现金储备", NO_UNIT, "多"),
        ),
        ("甲店领先乙店几个百分点", Asked("difference", ("甲店", "乙店"), "", "", ("%", ""), "领先")),
        ("东桥和西桥相差多少米？", Asked("difference", ("东桥", "西桥"), "", "", ("length", "米"))),
        ("文中给了两个造价数字，相差多少？", Asked("difference", (), "文中给了两个造价数字，")),
        ("甲、乙和丙一共多少人？", Asked("sum", ("甲", "乙", "丙"), "", "", ("count", "人"))),
        ("东塔是西塔的几倍？", Asked("ratio", ("东塔", "西塔"), "")),
        ("女生占全校的百分之几？", Asked("share", ("女生", "全校"), "")),
        ("除了甲和乙，市场还剩多少？", Asked("remainder", ("甲", "乙"), "市场还剩")),
        ("从2019年到2023年，产量增长了百分之几？", Asked("change", ("2019年", "2023年"), "产量", "", NO_UNIT, "增长")),
        (
            "2023年的产量比2019年增加了多少吨？",
            Asked("difference", ("2019年", "2023年"), "", "产量", ("mass", "吨"), "增加"),
        ),
        ("新桥通车比老桥通车早几年？", Asked("time", ("新桥通车", "老桥通车"), "", "", ("date", "year"), "早")),
        ("开工到竣工隔了几个月？", Asked("time", ("开工", "竣工"), "", "", ("date", "month"))),
        ("甲店和乙店谁的员工更多？", Asked("which", ("甲店", "乙店"), "", "员工", NO_UNIT, "多")),
        (
            "How much wider is a rail tunnel than the service tunnel?",
            Asked("difference", ("a rail tunnel", "the service tunnel"), "", "", NO_UNIT, "wider"),
        ),
        (
            "By how many million did traffic grow between 1995 and 2000?",
            Asked("difference", ("1995", "2000"), "traffic"),
        ),
        ("By what percentage did exports grow between 2015 and 2020?", Asked("change", ("2015", "2020"), "exports")),
        ("What share of the budget went to roads?", Asked("share", ("roads", "the budget"), "")),
        (
            "How many years after the bridge opened did the tunnel open?",
            Asked("time", ("the bridge opened", "the tunnel open"), "", "", ("date", "year")),
        ),
        (
            "Which is longer, the Rhine or the Elbe?",
            Asked("which", ("the Rhine", "the Elbe"), "Which is", "", NO_UNIT, "longer"),
        ),
    ],
)
def test_what_is_asked(question: str, asked: Asked) -> None:
    assert read_question(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "",
        "茶厂有多少员工？",
        "千问C端事业群一共有多少员工？",
        "为什么甲比乙贵？",
        "距今多少年？",
        "How many passengers were there in 2019?",
        "How many workers were killed during construction in total?",
        "What is the difference between a crocodile and an alligator?",
        "When did the tunnel open?",
    ],
)
def test_what_asks_for_no_arithmetic(question: str) -> None:
    assert read_question(question) is None
