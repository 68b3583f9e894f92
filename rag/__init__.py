"""Suwen's line: articles, sentences, chunks, vectors, retrieval, prompt, model, citations, answer."""
