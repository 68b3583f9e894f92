"""A prompt to streamed text: the language model, local or behind an API, through LangChain's client.

The setting ``llm`` is one of

    extractive                no model: the best sentences, quoted
    qwen2.5-coder-1.5b        a name of the catalogue, run here by llama.cpp
    path/to/model.gguf        any GGUF file, likewise
    openai:MODEL              any OpenAI-compatible server at ``base_url`` (vLLM, llama-server, LM Studio)
    dashscope:MODEL, ollama:MODEL         the same, with the address known
"""

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from rag import local
from rag.errors import ModelError, UsageError
from rag.records import Usage
from rag.settings import Settings

EXTRACTIVE = "extractive"


@dataclass(frozen=True)
class Provider:
    """A service with a known address; ``key_variable`` is looked up after ``SUWEN_API_KEY``."""

    base_url: str
    key_variable: str


PROVIDERS: Mapping[str, Provider] = {
    "openai": Provider("https://api.openai.com/v1", "OPENAI_API_KEY"),
    "dashscope": Provider("https://dashscope.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY"),
    "ollama": Provider("http://127.0.0.1:11434/v1", "OLLAMA_API_KEY"),
}


@dataclass(frozen=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    text: str


class ChatModel(Protocol):
    """Anything that continues a conversation."""

    @property
    def name(self) -> str: ...  # noqa: D102
    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, fresh: bool = False
    ) -> Generator[str, None, Usage]:
        """Yield the reply in pieces and return its token counts; closing it stops the model.

        A local model continues from what it has read before, which is fast, but rounds a little differently each
        time. ``fresh`` has it read the whole prompt anew: the reply then depends on nothing asked before.

        Raises:
            ModelError: in one line, what went wrong and what to do.

        """


class Scripted:
    """A model that says what it was told to, its last reply for ever, and remembers what it was asked."""

    def __init__(self, *replies: str | ModelError, name: str = "scripted") -> None:
        self.name = name
        self.asked: list[Sequence[Message]] = []
        self._replies = list(replies)

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, fresh: bool = False
    ) -> Generator[str, None, Usage]:
        """Yield the next reply in pieces of two characters; an error is raised in its place."""
        del fresh
        self.asked.append(messages)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, ModelError):
            raise reply
        reply = reply[: max_tokens * 4]
        for start in range(0, len(reply), 2):
            yield reply[start : start + 2]
        return Usage(sum(len(message.text) for message in messages), 0, len(reply))


class OpenAICompatible:
    """A chat model behind the OpenAI protocol, through LangChain's client."""

    def __init__(self, name: str, model: str, base_url: str, key: str, timeout: float, *, local: bool = False) -> None:
        from langchain.chat_models import init_chat_model
        from pydantic import SecretStr

        self.name = name
        self._base_url = base_url
        self._local = local  # llama.cpp, which knows more options than others do
        self._client = init_chat_model(
            model,
            model_provider="openai",
            base_url=base_url,
            api_key=SecretStr(key or "none"),  # the client insists on one; local servers ignore it
            temperature=0,
            timeout=timeout,
            max_retries=1,
            stream_usage=True,
        )

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, fresh: bool = False
    ) -> Generator[str, None, Usage]:
        """See ``ChatModel.stream``."""
        usage = Usage()
        request: dict[str, Any] = {"max_tokens": max_tokens}  # which the client sends under OpenAI's newer name
        if self._base_url != PROVIDERS["openai"].base_url:
            request = {"extra_body": {"max_tokens": max_tokens}}  # the name all others know
        if self._local:
            request["extra_body"] |= {"chat_template_kwargs": {"enable_thinking": False}, "cache_prompt": not fresh}
        said_anything = False
        with self._translated():
            for piece in self._client.stream([(message.role, message.text) for message in messages], **request):
                if piece.usage_metadata:
                    counts = piece.usage_metadata
                    cached = counts.get("input_token_details", {}).get("cache_read", 0)
                    usage = Usage(counts["input_tokens"], cached or 0, counts["output_tokens"])
                if text := piece.text:
                    said_anything = True
                    yield text
        if not said_anything:
            raise ModelError(f"{self.name}: {self._base_url} answered nothing; is it a chat-completions server?")
        return usage

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the client's many errors into one line that names the server and the next step."""
        import httpx
        import openai

        where = f"{self.name} at {self._base_url}"
        try:
            yield
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise ModelError(f"{where}: refused the API key; set SUWEN_API_KEY or SUWEN_API_KEY_FILE") from error
        except openai.NotFoundError as error:
            raise ModelError(f"{where}: no such model or address; check --llm and --base-url") from error
        except openai.RateLimitError as error:
            raise ModelError(f"{where}: too many requests or no quota left; try later") from error
        except (openai.APITimeoutError, httpx.TimeoutException) as error:
            raise ModelError(f"{where}: no reply in time; raise SUWEN_TIMEOUT or check the server") from error
        except (openai.APIConnectionError, httpx.TransportError) as error:
            raise ModelError(f"{where}: cannot be reached or broke off; is the server running?") from error
        except openai.APIStatusError as error:
            raise ModelError(f"{where}: HTTP {error.status_code}, {_first_line(error)}; see its log") from error
        except (openai.OpenAIError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelError(f"{where}: answered nonsense ({_first_line(error)}); check --base-url") from error


def open_model(settings: Settings, spec: str, locate: Callable[[str], Path]) -> ChatModel | None:
    """Return the model that ``spec`` names, or None for ``extractive``; ``locate`` finds local files.

    Raises:
        UsageError: the provider is unknown, or the key file cannot be read.
        ModelMissing: a local model is not on disk.

    """
    if spec == EXTRACTIVE:
        return None
    if base_url := address(settings, spec):
        prefix, _, model = spec.partition(":")
        return OpenAICompatible(spec, model, base_url, _api_key(settings, PROVIDERS[prefix]), settings.timeout)
    path = locate(spec)
    endpoint = local.start(path.resolve(), settings.threads)
    return OpenAICompatible(spec, path.stem, endpoint.base_url, endpoint.key, settings.timeout, local=True)


def address(settings: Settings, spec: str) -> str:
    """Return the base URL of the service that ``spec`` names; empty where it names no service.

    Raises:
        UsageError: the provider is unknown.

    """
    prefix, colon, model = spec.partition(":")
    if not colon or Path(spec).exists():
        return ""
    if prefix not in PROVIDERS or not model:
        known = ", ".join(f"{name}:MODEL" for name in PROVIDERS)
        raise UsageError(f"no language model {spec!r}; use a catalogue name, a GGUF path, {known} or {EXTRACTIVE}")
    return settings.base_url or PROVIDERS[prefix].base_url


def _api_key(settings: Settings, provider: Provider) -> str:
    if settings.api_key_file:
        try:
            return Path(settings.api_key_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the API key file {settings.api_key_file} cannot be read; check its path") from error
    return os.environ.get("SUWEN_API_KEY") or os.environ.get(provider.key_variable, "")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
