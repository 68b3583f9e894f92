"""A local GGUF model through llama.cpp, in this process, as an OpenAI-compatible server on loopback.

The port is random and so is the key: no other user of the machine can ask it.
"""

import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rag.errors import ModelDamaged

CONTEXT = 8192  # tokens; the cache of keys and values takes 28 kB a token with Qwen2.5 1.5B


@dataclass(frozen=True)
class Endpoint:
    """Where an OpenAI-compatible server answers."""

    base_url: str
    key: str


@cache
def start(path: Path, threads: int) -> Endpoint:
    """Load a model and serve it for as long as this process lives; the same model is loaded once.

    Raises:
        ModelDamaged: llama.cpp cannot load the file.

    """
    import xllamacpp

    key = secrets.token_urlsafe(32)
    cores = threads or os.cpu_count() or 1
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {path.stem}
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = cores
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]
    params.endpoint_slots = False
    params.ui = False
    params.verbosity = -1
    try:
        server = xllamacpp.Server(params)
    except (RuntimeError, ValueError) as error:
        raise ModelDamaged(f"{path}: llama.cpp cannot load it ({error}); run: suwen models verify") from error
    _RUNNING.append(server)
    return Endpoint(f"{server.listening_address}/v1", key)


_RUNNING: list[object] = []  # a server stops when nothing refers to it
