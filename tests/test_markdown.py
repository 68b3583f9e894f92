import html
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.pages.markdown import SHOWN, comparison_markdown
from eval.runs.comparing import Comparison, Flip, compare
from eval.runs.gates import check_comparison, parse_gate
from tests.runs import make_run, questions

BLOCK = """\
### new against old

Changed: `model`, `settings.llm`

Questions left out: 1 only in old.

| metric | old | new | difference (95 %) | p |  |
| --- | --- | --- | --- | --- | --- |
| right | 1.000 | 0.000 | -1.000 (-1.000 to -1.000) | 0.031 | ▼ worse |
| right_answerable | 1.000 | 0.000 | -1.000 (-1.000 to -1.000) | 0.031 | ▼ worse |
| facts | 1.000 | 0.000 | -1.000 (-1.000 to -1.000) | 0.031 | ▼ worse |
| false_refusals | 0.000 | 0.000 | +0.000 (+0.000 to +0.000) | 1.000 |  |
| risk_area | 0.000 | 1.000 | +1.000 (+1.000 to +1.000) | 0.031 | ▼ worse |
| citation_recall | 1.000 | 0.000 | -1.000 (-1.000 to -1.000) | 0.031 | ▼ worse |
| citation_precision | 1.000 | 0.000 | -1.000 (-1.000 to -1.000) | 0.031 | ▼ worse |
| unsupported_figures | 0.00 | 1.00 | +1.00 (+1.00 to +1.00) | 0.031 | ▼ worse |
| unmarked_figures | 0.00 | 1.00 | +1.00 (+1.00 to +1.00) | 0.031 | ▼ worse |
| recall@5 | 1.000 | 1.000 | +0.000 (+0.000 to +0.000) | 1.000 |  |
| first_token_p50 | 1.00 s | 0.50 s | -0.50 s (-0.50 s to -0.50 s) | 0.688 |  |
| first_token_p90 | 1.00 s | 0.50 s | -0.50 s (-0.50 s to -0.50 s) | 0.031 | ▲ better |
| total_p50 | 2.00 s | 1.00 s | -1.00 s (-1.00 s to -1.00 s) | 0.688 |  |
| total_p90 | 2.00 s | 1.00 s | -1.00 s (-1.00 s to -1.00 s) | 0.031 | ▲ better |

Seconds vary from run to run: p is of these two runs alone.

6 questions compared: 0 became right, 6 wrong.

<details><summary>Flipped questions</summary>

| now | question | before | after |
| --- | --- | --- | --- |
| **wrong** | 第0年的产量？ | 当年产茶0吨\\[1]。 | 当年产茶500吨\\[1]。 |
| **wrong** | 第1年的产量？ | 当年产茶1吨\\[1]。 | 当年产茶501吨\\[1]。 |
| **wrong** | 第2年的产量？ | 当年产茶2吨\\[1]。 | 当年产茶502吨\\[1]。 |
| **wrong** | 第3年的产量？ | 当年产茶3吨\\[1]。 | 当年产茶503吨\\[1]。 |
| **wrong** | 第4年的产量？ | 当年产茶4吨\\[1]。 | 当年产茶504吨\\[1]。 |
| **wrong** | 第5年的产量？ | 当年产茶5吨\\[1]。 | 当年产茶505吨\\[1]。 |

</details>

- FAIL  worse(right): 1.000 to 0.000, p 0.031, 6 questions
- pass  worse(hit@1): 1.000 to 1.000, p 1, 6 questions
"""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("runs")
    gold = questions(6, unanswerable=1)
    old = make_run(
        folder / "old", "++++++0", gold=gold, seconds=[2.0] * 7,
        settings={"llm": "x"}, model={"spec": "x", "fingerprint": "1"},
    )  # fmt: skip
    new = make_run(
        folder / "new", "------", gold=gold[:6], seconds=[1.0] * 6,
        settings={"llm": "y"}, model={"spec": "y", "fingerprint": "2"},
    )  # fmt: skip
    return compare([old, new])


@pytest.fixture(scope="module")
def flipped(two: Comparison) -> Callable[..., str]:
    """Return a function that writes the block of a comparison in which only these questions flipped."""

    def block(*flips: Flip) -> str:
        (pairing,) = two.pairings
        return comparison_markdown(Comparison(two.baseline, (replace(pairing, changes=(), flips=flips),)))

    return block


def flip(question: str, before: str, after: str, *, gained: bool = False) -> Flip:
    (gold,) = questions(1)
    return Flip(replace(gold, question=question), {"answer": before}, {"error": after}, gained)


def cells(row: str) -> list[str]:
    """Return what a reader sees in a row's cells, which a bar divides that no odd number of backslashes precedes."""
    parts = re.findall(r"((?:\\.|[^\\|])*)\|", row)
    assert "".join(f"{part}|" for part in parts) == row
    return [html.unescape(re.sub(r"\\([^\w\s]|_)", r"\1", part[1:-1])) for part in parts[1:]]


def test_a_comparison_is_one_block(two: Comparison) -> None:
    # all of 6 questions changed: 2 of 64 choices of signs or swaps are as far out. A median of halves is as far out
    # with any but 3 swaps of 6, which leave both medians the same: 44 of 64
    results = check_comparison([parse_gate(gate) for gate in ("worse(right)", "worse(hit@1)")], two)
    assert comparison_markdown(two, results) == BLOCK


def test_without_gates_the_block_ends_with_the_flips(two: Comparison) -> None:
    assert comparison_markdown(two) == BLOCK[: BLOCK.index("\n- FAIL")]


def test_every_run_has_a_part_of_its_own(tmp_path: Path) -> None:
    runs = [make_run(tmp_path / name, letters) for name, letters in (("a", "++"), ("b", "++"), ("c", "+-"))]
    block = comparison_markdown(compare(runs))
    assert [line for line in block.splitlines() if line.startswith("###")] == ["### b against a", "### c against a"]
    assert block.count("2 questions compared: 0 became right, 0 wrong.") == 1
    assert block.count("<details>") == 1
    assert "Changed" not in block
    assert "left out" not in block


def test_questions_that_became_wrong_come_first_and_only_so_many(flipped: Callable[..., str]) -> None:
    gained = [flip(f"gained {n}", "a", "b", gained=True) for n in range(SHOWN)]
    lost = [flip(f"lost {n}", "a", "b") for n in range(2)]
    block = flipped(*gained, *lost)
    assert f": {SHOWN} became right, 2 wrong." in block
    assert f"<summary>Flipped questions (the first {SHOWN} of {SHOWN + 2})</summary>" in block
    rows = [cells(line)[:2] for line in block.splitlines() if line.startswith("| ")][2:]
    assert rows[-SHOWN:] == [["**wrong**", "lost 0"], ["**wrong**", "lost 1"]] + [
        ["right", f"gained {n}"] for n in range(SHOWN - 2)
    ]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a | b", r"a \| b"),
        (r"a \| b", r"a \\\| b"),
        ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("`code` ```", "&#96;code&#96; &#96;&#96;&#96;"),
        ("one\n\n| two |\r\nthree\u2028four", r"one \| two \| three four"),
        ("[x](https://evil.example)", r"\[x](https://evil.example)"),
        (r"\[x](https://evil.example)", r"\\\[x](https://evil.example)"),
        ("![x](https://evil.example)", r"!\[x](https://evil.example)"),
        ("**bold** _soft_ ~~gone~~", r"\*\*bold\*\* \_soft\_ \~\~gone\~\~"),
        ("qwen_1_b __x__", r"qwen_1_b \_\_x\_\_"),
        ("</details>\n# Heading", "&lt;/details> # Heading"),
        ("", ""),
    ],
)
def test_a_text_stays_in_its_cell(flipped: Callable[..., str], text: str, cell: str) -> None:
    block = flipped(flip(text, text, text))
    assert f"| **wrong** | {cell} | {cell} | {cell} |\n" in block


@given(*[st.text(st.sampled_from("\\|[]()*_~`<>!&;# ab中1\n\r\t")) for _ in range(3)])
@settings(max_examples=300)
def test_whatever_was_said_is_read_in_its_own_cell(
    flipped: Callable[..., str], question: str, before: str, after: str
) -> None:
    said = [" ".join(text.split()) for text in (question, before, after)]
    block = flipped(flip(question, before, after))
    row = block.split("| now | question | before | after |\n| --- | --- | --- | --- |\n")[1]
    row = row.removesuffix("\n\n</details>\n")
    assert "\n" not in row
    assert "<" not in row
    assert "`" not in row
    assert cells(row) == ["**wrong**", *said]


def test_a_folders_name_does_not_break_the_table(tmp_path: Path) -> None:
    block = comparison_markdown(compare([make_run(tmp_path / "a|b", "+"), make_run(tmp_path / "<i>_c_", "-")]))
    assert block.startswith("### &lt;i>\\_c\\_ against a\\|b\n")
    assert "| metric | a\\|b | &lt;i>\\_c\\_ | difference (95 %) | p |  |\n" in block
