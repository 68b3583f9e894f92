"""A scripted answerer: what each question does is written here, so that pages can be compared exactly."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rag.errors import ModelError, SuwenError
from rag.records import Answer, Article, Citation, Delta, Event, Hit, Passages, Question, Timings, Usage
from rag.settings import Settings

WEIR = Article(
    id="水利/都江堰.md",
    title="都江堰",
    source="/articles/水利/都江堰.md",
    text="# 都江堰\n\n"
    "都江堰位于四川成都平原西部的岷江上。战国末年，蜀郡太守李冰主持修建了这座水利工程。"
    "工程没有建拦河的大坝，而是顺着地势分水、引水。\n\n"
    "## 三处主体\n\n"
    "鱼嘴把岷江分成内江和外江。枯水季节约六成的水进入内江，洪水季节约六成的水流入外江。"
    "飞沙堰在内江的弯道上，用来泄洪和排沙。宝瓶口是凿开玉垒山形成的进水口，控制着流入平原的水量。\n\n"
    "## 岁修\n\n"
    "每年冬天，人们截断江水，清理河床里的泥沙，这叫作岁修。前人留下六个字：深淘滩，低作堰。"
    "两千多年来，灌区的面积从百余万亩扩大到一千多万亩，工程至今仍在使用。\n"
    + "".join(f"\n第{count}段附记：灌区的渠道由各县分段维护，账目逐年公布。\n" for count in range(1, 21)),
    root="/articles",
)
TEA = Article(
    id="tea.md",
    title="How green tea is made",
    source="https://example.org/tea?a=1&b=2",
    text="How green tea is made\n\nFresh leaves are heated soon after picking. The heat stops oxidation, "
    "so the leaves stay green. Then they are rolled and dried.",
    root="https://example.org/tea?a=1&b=2",
)
ATTACK = '<script>window.stolen=1</script><img src="https://evil.example/x.png" onerror="window.stolen=1">'
HOSTILE = Article(
    id='x"><b>.md',
    title=f"Title {ATTACK}",
    source="javascript:window.stolen=1",
    text=f"Before. {ATTACK} ![i](https://evil.example/i.png) [l](javascript:window.stolen=1) "
    "${alert(1)} {{value}} After.",
    root="/articles",
)
ARTICLES = {article.id: article for article in (WEIR, TEA, HOSTILE)}


def cite(marker: int, article: Article, quote: str) -> Citation:
    """Return a citation of the first place where ``quote`` stands."""
    start = article.text.index(quote)
    return Citation(marker, article.id, article.title, article.source, start, start + len(quote), quote)


def hit(article: Article, text: str, score: float = 0.9) -> Hit:
    """Return the hit of the first place where ``text`` stands."""
    start = article.text.index(text)
    return Hit(article.id, article.source, start, start + len(text), score, text)


def answer(question: str, text: str, **changes: object) -> Answer:
    """Return an answer with everything that does not matter filled in."""
    blank = Answer(question, text, False, (), (), (), "scripted", "sample", "1", Usage(), Timings(0.1, 0.5, 2.345))
    return replace(blank, **changes)  # type: ignore[arg-type]


FORK = "鱼嘴把岷江分成内江和外江。"
SEASON = "枯水季节约六成的水进入内江，洪水季节约六成的水流入外江。"
BAOPING = "宝瓶口是凿开玉垒山形成的进水口，控制着流入平原的水量。"
UPKEEP = "每年冬天，人们截断江水，清理河床里的泥沙，这叫作岁修。"
HITS = (hit(WEIR, FORK + SEASON), hit(WEIR, UPKEEP, 0.7), hit(TEA, "Then they are rolled and dried.", 0.1))

GROUNDED = answer(
    "都江堰怎样分水？",
    "都江堰用鱼嘴把岷江分成内江和外江[1]。枯水时约六成的水进内江，洪水时约六成的水走外江[2]。"
    "\n\n进入平原的水量由宝瓶口控制[3]。",
    citations=(cite(1, WEIR, FORK), cite(2, WEIR, SEASON), cite(3, WEIR, BAOPING)),
    hits=HITS,
    model="qwen2.5-coder-1.5b",
)
REFUSED = answer("都江堰的门票多少钱？", "给出的文章没有提到门票价格。", refused=True, hits=HITS)
DOUBTFUL = answer(
    "灌区有多大？",
    "灌区扩大到一千多万亩[1]。它养活了2026万人。",
    citations=(cite(1, WEIR, "灌区的面积从百余万亩扩大到一千多万亩"),),
    hits=HITS[:1],
    unsupported=("它养活了2026万人。", "2026"),
)
QUOTED = answer(
    "什么是岁修？",
    f"{UPKEEP}[1]",
    citations=(cite(1, WEIR, UPKEEP),),
    hits=HITS[1:2],
    model="extractive",
    note="模型没有回应，下面是原文摘录。",
)
ENGLISH = answer(
    "Why does green tea stay green?",
    "Heating soon after picking stops oxidation[1].",
    citations=(cite(1, TEA, "The heat stops oxidation, so the leaves stay green."),),
    hits=HITS[2:],
)
ATTACKED = answer(
    "hostile",
    f"{ATTACK} ${{alert(1)}} {{{{value}}}} [x](javascript:window.stolen=1)[1] ![i](https://evil.example/i.png)",
    citations=(cite(1, HOSTILE, ATTACK),),
    hits=(hit(HOSTILE, HOSTILE.text),),
    unsupported=(ATTACK,),
    note=ATTACK,
    model=f"m{ATTACK}",
)
SCRIPT = {one.question: one for one in (GROUNDED, REFUSED, DOUBTFUL, QUOTED, ENGLISH, ATTACKED)}


@dataclass
class Scripted:
    """Plays ``SCRIPT``. The question "slow" goes on until ``release``; closing its stream sets ``closed``.

    "broken" fails as a model may, "bug" as only a mistake can.
    """

    settings: Settings = field(default_factory=lambda: Settings(llm="qwen2.5-coder-1.5b"))
    asked: list[tuple[Question, str | None]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)

    def now(self) -> "Scripted":
        return self

    def stream(self, question: Question, llm: str | None = None) -> Iterator[Event]:
        self.asked.append((question, llm))
        if question.text == "bug":
            raise LookupError("secret detail")
        yield Passages(HITS)
        if question.text == "broken":
            yield Delta("半句")
            raise ModelError("qwen2.5-coder-1.5b did not answer; try again")
        if question.text == "slow":
            try:
                yield Delta("先说几个字")
                while not self.release.wait(0.05):
                    yield Delta("…")
            finally:
                self.closed.set()
        scripted = SCRIPT.get(question.text, replace(REFUSED, question=question.text))
        for start in range(0, len(scripted.text), 12):
            yield Delta(scripted.text[start : start + 12])
        yield scripted

    def article(self, article_id: str) -> Article:
        if article_id not in ARTICLES:
            raise SuwenError(f"no article {article_id!r}")
        return ARTICLES[article_id]

    def articles(self) -> list[Article]:
        return list(ARTICLES.values())

    def example_questions(self) -> list[str]:
        return [GROUNDED.question, QUOTED.question, ENGLISH.question]

    def models(self) -> list[str]:
        return ["qwen2.5-coder-1.5b", "extractive"]
