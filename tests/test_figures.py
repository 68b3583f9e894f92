import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.figures import figures


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("突破3000万", ["30000000"]),
        ("30 million users", ["30000000"]),
        ("4238亿元、423.8 billion", ["423800000000", "423800000000"]),
        ("4,238 and ４２３８", ["4238", "4238"]),
        ("占49.2%，百分之27，27 per cent，22.2个百分点", ["49.2%", "27%", "27%", "22.2%"]),
        ("2025年12月10日", ["2025", "12", "10"]),
        ("60万亿", ["60000000000000"]),
        ("1.50和1.5", ["1.5", "1.5"]),
        ("0.05、100", ["0.05", "100"]),
        ("5億", ["500000000"]),
        ("没有数字", []),
    ],
)
def test_values(text: str, values: list[str]) -> None:
    assert figures(text) == values


@given(st.integers(0, 10**9))
def test_separators_and_magnitudes_do_not_change_a_value(number: int) -> None:
    assert figures(f"{number:,}") == figures(str(number)) == [str(number)]
    assert figures(f"{number}万") == figures(str(number * 10**4))
