import pytest

from eval.measures.reckoned import reckoned


@pytest.mark.parametrize(
    ("told", "sources", "computed"),
    [
        pytest.param(["502", "4238", "3736"], ["4238", "3736"], {"502"}, id="difference"),
        pytest.param(["503", "4238", "3736"], ["4238", "3736"], set(), id="wrong"),
        pytest.param(["502"], ["4238", "3736"], set(), id="operands not told"),
        pytest.param(["502", "4238", "3736"], ["4238"], set(), id="an operand that no source holds"),
        pytest.param(["22.2%", "49.2%", "27%"], ["49.2%", "27%"], {"22.2%"}, id="points"),
        pytest.param(["22.2", "49.2%", "27%"], ["49.2%", "27%"], set(), id="points are per cent"),
        pytest.param(["76.2%", "49.2%", "27%"], ["49.2%", "27%"], {"76.2%"}, id="sum"),
        pytest.param(["23.8%", "49.2%", "27%"], ["49.2%", "27%"], {"23.8%"}, id="what is left"),
        pytest.param(["2.5", "50", "20"], ["50", "20"], {"2.5"}, id="ratio"),
        pytest.param(["40%", "50", "20"], ["50", "20"], {"40%"}, id="share"),
        pytest.param(["150%", "50", "20"], ["50", "20"], {"150%"}, id="growth"),
        pytest.param(["33.3%", "3", "1"], ["3", "1"], {"33.3%"}, id="rounded"),
        pytest.param(["8", "2025", "4", "12"], ["2025", "4", "12"], {"8"}, id="months of one year"),
        pytest.param(["14", "2024", "2025", "4", "6"], ["2024", "2025", "4", "6"], {"14"}, id="months of two"),
        pytest.param(["5", "0"], ["0"], set(), id="nothing is divided by nothing"),
    ],
)
def test_what_is_computed_from_what_is_shown(told: list[str], sources: list[str], computed: set[str]) -> None:
    assert reckoned(told, frozenset(sources)) == computed
