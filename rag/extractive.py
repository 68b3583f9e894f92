"""An answer without a model: the sentences of the evidence that are nearest to the question, quoted."""

from collections.abc import Sequence

import numpy as np

from rag.embedding import Embedder
from rag.evidence import Evidence
from rag.terms import tokens

MOST = 3  # sentences quoted
COSINE_WEIGHT = 0.6  # the rest is shared terms
NEAR = 0.85  # of the best sentence's score; others as good are quoted too


def best_sentences(question: str, evidence: Sequence[Evidence], embedder: Embedder) -> list[Evidence]:
    """Return at most ``MOST`` sentences, best first: by cosine with the question and by shared terms."""
    if not evidence:
        return []
    cosine = embedder.embed_passages([each.text for each in evidence]) @ embedder.embed_query(question)
    asked = set(tokens(question))
    shared = np.array([len(asked & set(tokens(each.text))) / max(len(asked), 1) for each in evidence])
    spread = (cosine - cosine.min()) / max(float(np.ptp(cosine)), 1e-9)
    score = COSINE_WEIGHT * spread + (1 - COSINE_WEIGHT) * shared / max(float(shared.max()), 1e-9)
    order = np.argsort(-score, kind="stable")[:MOST]
    return [evidence[i] for i in order if score[i] >= NEAR * score[order[0]]]
