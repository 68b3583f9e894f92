import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.sets.quoting import quotes_of

TEA = "茶厂2023年产茶320吨。比上一年多40吨。厂长是李梅。\n李梅1998年进厂。"
CASES = {
    "one sentence": (["320吨"], [TEA], ("茶厂2023年产茶320吨。",)),
    "two sentences": (["李梅"], [TEA], ("厂长是李梅。", "李梅1998年进厂。")),
    "two answers": (["40吨", "1998年"], [TEA], ("比上一年多40吨。", "李梅1998年进厂。")),
    "an answer over two": (["320吨。比上一年"], [TEA], ("茶厂2023年产茶320吨。比上一年多40吨。",)),
    "two texts": (["李梅"], ["甲。", "李梅来。", "李梅来。"], ("李梅来。",)),
    "space around": ([" 320吨 "], [TEA], ("茶厂2023年产茶320吨。",)),
    "a figure in another": (["8"], ["1998年。8人。8.5吨。8,000斤。"], ("8人。",)),
    "a figure only in another": (["98"], [TEA], ("李梅1998年进厂。",)),
    "a word in another": (["art"], ["It is a part. It is art."], ("It is art.",)),
    "nowhere": (["王芳"], [TEA], ()),
    "empty": (["", " "], [TEA], ()),
    "no sentence": (["……"], ["……"], ()),
}


@pytest.mark.parametrize(("answers", "texts", "quotes"), CASES.values(), ids=CASES)
def test_the_sentences_that_hold_an_answer(answers: list[str], texts: list[str], quotes: tuple[str, ...]) -> None:
    assert quotes_of(answers, texts) == quotes


@given(st.text("甲乙a1。.! \n"), st.data())
def test_an_answer_is_always_in_its_quotes(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    answer = text[start : data.draw(st.integers(start, len(text)))].strip()
    quotes = quotes_of([answer], [text])
    assert all(letters(answer) in letters(quote) and quote in text for quote in quotes)
    assert quotes or not letters(answer)


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
