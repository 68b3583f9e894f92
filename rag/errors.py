"""Everything that can go wrong, one class per different reaction.

SuwenError                 shown to the user as one line, exit status 1
├── UsageError             the request itself is wrong, exit status 2
├── ArticleError           a file or URL cannot be read as an article
├── IndexMissing           there is no index of that name
├── IndexDamaged           a file of the index is not what its manifest says
├── IndexMismatch          the index was built with another embedder, chunker or format
├── IndexBusy              another process is writing the index
├── PromptError            a prompt file lacks a variable or names an unknown one
├── ModelMissing           a model is not on disk and may not, or cannot, be fetched
├── ModelDamaged           a model file is not what the catalogue says
├── DownloadError          one source of a model failed; a pull goes on to the next
└── ModelError             a language model is unreachable, refused, timed out or answered nonsense

Every message names the value at fault and the next step, on one line.
"""


class SuwenError(Exception):
    """Base of all errors that a user is meant to read."""

    exit_status = 1


class UsageError(SuwenError):
    """The request itself is wrong: an unknown name, a bad option, a malformed batch line."""

    exit_status = 2


class ArticleError(SuwenError):
    """A file or URL cannot be read as an article."""


class IndexMissing(SuwenError):
    """There is no index of that name or path."""


class IndexDamaged(SuwenError):
    """A file of the index is not what its manifest says."""


class IndexMismatch(SuwenError):
    """The index was built with another embedder, chunker or format version."""


class IndexBusy(SuwenError):
    """Another process is writing the index."""


class PromptError(SuwenError):
    """A prompt file lacks a variable or names an unknown one."""


class ModelMissing(SuwenError):
    """A model is not on disk and may not, or cannot, be fetched."""


class ModelDamaged(SuwenError):
    """A model file is not what the catalogue says."""


class DownloadError(SuwenError):
    """One source of a model failed; a pull goes on to the next."""


class ModelError(SuwenError):
    """A language model is unreachable, refused the key, timed out or answered nonsense."""
