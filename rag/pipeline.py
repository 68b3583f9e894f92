"""The one answer path: chat, command line, API, batch and evaluation all go through ``Pipeline.stream``."""

import copy
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeAlias

from rag.arithmetic import compute
from rag.building import index_articles
from rag.corpus import may_read
from rag.drafting import Draft, Drafting, decline, quote, reckon, write
from rag.embedding import Embedder, open_embedder
from rag.errors import IndexMismatch, IndexMissing, ModelError, UsageError
from rag.evidence import BUDGET, PASSAGES_BUDGET, Evidence, select_evidence
from rag.examples import example_questions
from rag.followup import search_query
from rag.llm import EXTRACTIVE, ChatModel, open_model
from rag.milvus.address import is_address, parse
from rag.milvus.server import Milvus
from rag.models import locate, table
from rag.newest import Newest, Place, load
from rag.records import LONGEST_QUESTION, Answer, Article, Delta, Event, Hit, Passages, Question, Timings
from rag.reranking import RERANKED, Reranker, open_reranker, rerank
from rag.retrieval import Found, retrieve, to_hit
from rag.searchable import Searchable
from rag.settings import Settings

Groups: TypeAlias = frozenset[str] | None  # those of a reader; None may see all

SHOWN = 10  # hits of an answer
CONSIDERED = 40  # chunks that may become evidence, as far as the budget goes


class Pipeline:
    """An open index with its embedder, and the language models used so far.

    It keeps the generation it was opened with, so that a batch or an evaluation is of one. Where it was opened
    to ``follow`` its index, ``now`` gives pipelines of newer ones; each of them keeps its own again.

    Where a method takes ``groups``, nothing of an article that readers of these groups may not see comes out of it.
    Such articles weigh only in how rare a word is, and so in scores.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder,
        index: Searchable | None,
        open_model: Callable[[str], ChatModel | None],
        newest: Newest | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        if index and index.fingerprint != embedder.fingerprint:
            raise IndexMismatch(
                f"index {index.name!r} was built with {index.embedder}, the embedder is {embedder.name}; "
                "set SUWEN_EMBEDDER or run: suwen index PATH --rebuild"
            )
        self.settings = settings
        self.embedder = embedder
        self.reranker = reranker
        self._index = index
        self._newest = newest
        self._open_model = open_model
        self._models: dict[str, ChatModel | None] = {}
        self._opening = threading.Lock()

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        with_index: bool = True,
        follow: Callable[[str], None] | None = None,
        around: Callable[[ChatModel], ChatModel] = lambda model: model,
    ) -> Self:
        """Load the index, the embedder and the reranker if one is set; a language model starts when it is first asked.

        Where ``follow`` is given, ``now`` takes up what writers switch to; it is told what cannot be taken up.
        ``around`` may put something around every language model, such as what records its prompts.

        Raises:
            IndexMissing, IndexDamaged, IndexMismatch, ModelMissing, ModelDamaged: see ``rag.errors``.

        """
        place = index_place(settings)
        index = load(place) if with_index else None

        def opened(spec: str) -> ChatModel | None:
            model = open_model(settings, spec, lambda name: locate(name, settings))
            return None if model is None else around(model)

        newest = Newest(place, index, follow) if index and follow else None
        return cls(settings, open_embedder(settings), index, opened, newest, open_reranker(settings))

    def now(self) -> Self:
        """Return a pipeline of the generation in use now, which shares the models of this one.

        All that belongs to one answer, its articles too, is to be asked of one such pipeline.
        """
        pinned = copy.copy(self)
        if self._newest:
            pinned._index = self._index = self._newest.index()  # here too, or the first one would never be freed
            pinned._newest = None
        return pinned

    @property
    def index(self) -> Searchable:
        """The open index.

        Raises:
            IndexMissing: it was opened without one.

        """
        if self._index is None:
            raise IndexMissing(f"no index {self.settings.index!r} is open; run: suwen index PATH")
        return self._index

    def search(self, query: str, k: int = 10, *, groups: Groups = None) -> list[Hit]:
        """Return the ``k`` best passages for a query, best first."""
        return [to_hit(each, self.index) for each in self.find(query, k, groups=groups)]

    def find(self, query: str, k: int = 10, *, groups: Groups = None) -> list[Found]:
        """Return the ``k`` best chunks of the index for a query, best first."""
        return self._find(_checked(query), self.index, k, groups)

    def ask(self, question: Question, llm: str | None = None, *, strict: bool = False, groups: Groups = None) -> Answer:
        """Return the whole answer; see ``stream``."""
        *_, answer = self.stream(question, llm, strict=strict, groups=groups)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, question: Question, llm: str | None = None, *, strict: bool = False, groups: Groups = None
    ) -> Iterator[Event]:
        """Yield the passages found, the answer's text as it comes, and last the ``Answer``.

        ``llm`` replaces the model setting for this question. A failing model is answered for by quoting
        the best sentences, with a ``note`` that says so; ``strict`` raises instead. Closing the iterator
        stops the model.

        Raises:
            UsageError: the question is empty or too long, or there is no such model.
            ModelMissing: a local model is not on disk.
            ModelError: only when ``strict``.

        """
        clock = time.perf_counter
        started = clock()
        query = search_query(replace(question, text=_checked(question.text)))
        index = self._source(question)
        found = self._find(query, index, CONSIDERED, groups)
        hits = tuple(to_hit(each, index) for each in found[:SHOWN])
        retrieved = clock()
        yield Passages(hits)

        spec = llm or self.settings.llm
        budget = BUDGET if question.passages is None else PASSAGES_BUDGET
        evidence = select_evidence(found, index, self.embedder.count_tokens, budget)
        drafting, note, first = self._draft(question, evidence, index, spec), "", 0.0
        while True:
            try:
                text = next(drafting)
            except StopIteration as done:
                draft: Draft = done.value
                break
            except ModelError as error:
                if strict:
                    raise
                note, spec = str(error), EXTRACTIVE
                drafting = self._draft(question, evidence, index, EXTRACTIVE)
                continue
            first = first or clock()
            yield Delta(text)
        ended = clock()
        yield Answer(
            id=question.id,
            question=question.text,
            text=draft.text,
            refused=draft.refused,
            citations=draft.citations,
            hits=hits,
            unsupported=draft.unsupported,
            model=spec,
            index=index.name,
            generation=index.generation,
            usage=draft.usage,
            timings=Timings(retrieved - started, (first or ended) - started, ended - started),
            note=note,
        )

    def _find(self, query: str, index: Searchable, k: int, groups: Groups) -> list[Found]:
        most = max(k, RERANKED) if self.reranker else k
        found = retrieve(query, index, self.embedder, most, index.allowed(groups))
        return rerank(query, found, index, self.reranker)[:k] if self.reranker else found

    def _source(self, question: Question) -> Searchable:
        if question.passages is None:
            return self.index
        articles = [
            Article(f"passage-{number}", f"{number}", f"passage-{number}", text, root="")
            for number, text in enumerate(question.passages, start=1)
        ]
        return index_articles(articles, self.embedder)

    def _draft(self, question: Question, evidence: Sequence[Evidence], index: Searchable, spec: str) -> Drafting:
        if not evidence:
            return decline(question)
        if computation := compute(question.text, evidence):
            return reckon(computation, question, evidence, index.articles, self.embedder)
        model = self._model(spec)
        if model is None:
            return quote(question, evidence, index.articles, self.embedder)
        return write(model, question, evidence, index.articles, self.embedder)

    def _model(self, spec: str) -> ChatModel | None:
        with self._opening:  # the page's first question may come while the model still warms up
            if spec not in self._models:
                self._models[spec] = self._open_model(spec)
            return self._models[spec]

    def start_model(self) -> None:
        """Start the model that is set, so that no question need wait for it to load.

        Raises:
            UsageError, ModelMissing, ModelDamaged: there is no such model here.

        """
        self._model(self.settings.llm)

    def models(self) -> list[str]:
        """Return the model settings that can be chosen now: the one set, those on disk, and none at all."""
        on_disk = [row.name for row in table(self.settings) if row.on_disk and row.kind == "gguf"]
        return list(dict.fromkeys([self.settings.llm, *on_disk, EXTRACTIVE]))

    def article(self, identity: str, *, groups: Groups = None) -> Article:
        """Return an article of the index by its id.

        Raises:
            UsageError: there is none of that id, or none for these readers.

        """
        article = self.index.articles.get(identity)
        if article is None or not (groups is None or may_read(groups, article.groups)):
            raise UsageError(f"no article {identity!r} in index {self.index.name!r}; see: suwen doctor")
        return article

    def articles(self, *, groups: Groups = None) -> Collection[Article]:
        """Return the articles of the index, by id; each is read when it comes to it."""
        return self.index.open_to(groups)

    def example_questions(self, *, groups: Groups = None) -> list[str]:
        """Return questions worth asking; see ``rag.examples``."""
        return example_questions(self.index, groups)


def index_place(settings: Settings) -> Place:
    """Return where the index that is set is: its folder, or the server it is on.

    Raises:
        UsageError: it is set to no possible address.

    """
    return Milvus(parse(settings.index)) if is_address(settings.index) else index_folder(settings)


def index_folder(settings: Settings) -> Path:
    """Return the folder of the index that is set: a path as it stands, or a name below ``indexes``.

    Raises:
        UsageError: it is not in a folder.

    """
    if is_address(settings.index):
        raise UsageError(f"{parse(settings.index)}: this needs an index in a folder; set --index to a name or a path")
    given = Path(settings.index)
    return given if len(given.parts) > 1 or (given / "CURRENT").is_file() else Path(settings.indexes) / given


def _checked(question: str) -> str:
    if not question.strip():
        raise UsageError("the question is empty; write one")
    if len(question) > LONGEST_QUESTION:
        raise UsageError(f"the question has {len(question)} characters; {LONGEST_QUESTION} are the most")
    return question.strip()
