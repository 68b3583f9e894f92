"""The same questions asked of Suwen and of four pipelines as their own quick starts build them, side by side.

    python -m eval.peers GOLD.jsonl ... --out DIR

``protocol`` is what each system's process speaks; ``suwen``, ``langchain``, ``llamaindex``, ``haystack`` and
``txtai`` are those processes, the last four in an environment of their own (``make peers`` makes it). ``processes``
starts and asks them, ``asking`` writes down what they answer, ``keeping`` what they were asked with and what
they are, ``table`` says what the answers are worth.

All get the same articles, embedder and language model, temperature 0 and at most 400 tokens. Whatever else is as in
the page that each module names: nothing was tuned for or against anybody. None of the four quick starts keeps a
conversation, so they get a follow-up question as it stands; Suwen gets the turns before it, as everywhere.
"""
