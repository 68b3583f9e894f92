import pytest

from rag.followup import FARTHEST, search_query, stands_alone
from rag.records import Question, Turn


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("千问App用了多久做到3000万月活？", True),
        ("云雾茶厂2023年产茶多少吨？", True),
        ("它的厂长是谁，什么时候进厂的？", False),
        ("那另一家呢？", False),
        ("绿茶占其中的几成？", False),
        ("该公司去年的收入是多少？", False),
        ("为什么？", False),
        ("多少吨？", False),
        ("Who built the stone bridge over the river?", True),
        ("When were cars banned from the stone bridge?", True),
        ("When was it built, and by whom exactly?", False),
        ("What about the cars that crossed the river?", False),
        ("And who paid for the second bridge then?", False),
        ("How much?", False),
        ("职业是什么？", False),
        ("分布在哪些地区？", False),
        ("现在担任了哪些职位？", False),
        ("AI入口是什么？", True),
        ("《茶经》是谁写的？", True),
        ("李梅的职业是什么？", False),  # no more words than one without a subject may have
        ("When does it rain?", False),
        ("What is the size?", False),
        ("What is the size of Miami?", True),
        ("Who won the last three races?", True),
        ("What does immunodeficiency cause?", False),
        ("What theory best explains gravity?", True),
        ("Is there a bridge that was built of stone in 1890?", False),  # what is missed costs little: see below
    ],
)
def test_what_stands_alone(text: str, alone: bool) -> None:
    assert stands_alone(text) == alone


ABOUT = Turn("云雾茶厂2023年产茶多少吨？", "320吨。")
WHO = Turn("它的厂长是谁？", "李梅。")
OTHER = Turn("How many people cross the stone bridge every day?", "300.")


@pytest.mark.parametrize(
    ("text", "history", "query"),
    [
        ("她哪年进厂？", (), "她哪年进厂？"),
        ("它有多少员工？", (ABOUT,), "云雾茶厂2023年产茶多少吨？ 它有多少员工？"),
        ("她哪年进厂？", (ABOUT, WHO), "云雾茶厂2023年产茶多少吨？ 它的厂长是谁？ 她哪年进厂？"),
        ("她哪年进厂？", (OTHER, ABOUT, WHO), "云雾茶厂2023年产茶多少吨？ 它的厂长是谁？ 她哪年进厂？"),
        ("石桥是哪一年由谁建造的？", (ABOUT, WHO), "石桥是哪一年由谁建造的？"),
        ("Who built it?", (ABOUT, OTHER), "How many people cross the stone bridge every day? Who built it?"),
        ("那呢？", (WHO,) * 9, " ".join(["它的厂长是谁？"] * FARTHEST + ["那呢？"])),
    ],
)
def test_what_is_searched_for(text: str, history: tuple[Turn, ...], query: str) -> None:
    assert search_query(Question(text, history)) == query
