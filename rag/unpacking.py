"""A packed embedder as an ordinary sentence-transformers folder: weights, tokenizer, configuration."""

import json
import struct
from pathlib import Path
from typing import Any

from rag.errors import ModelDamaged
from rag.packing import Header, Pieces, read

MAX_TOKENS = 512


def unpack(packed: Path, folder: Path) -> None:
    """Write the sentence-transformers files of ``packed`` into the existing ``folder``.

    Raises:
        ModelDamaged: the file is not a packing of this kind.
        OSError: the disk is full or not writable.

    """
    from safetensors.numpy import save

    try:
        header, pieces, weights = read(packed.read_bytes())
    except (struct.error, ValueError) as error:
        raise ModelDamaged(f"{packed} is no packed embedder: {error}; pull the model again") from error
    (folder / "model.safetensors").write_bytes(save(weights, metadata={"format": "pt"}))
    _save_tokenizer(pieces, folder)
    for name, content in _configuration(header, pieces).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _save_tokenizer(pieces: Pieces, folder: Path) -> None:
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
    from tokenizers.models import Unigram
    from tokenizers.processors import TemplateProcessing

    tokenizer = Tokenizer(Unigram(list(pieces.vocabulary), unk_id=pieces.unk))
    # SentencePiece's "nmt_nfkc": NFKC but for the wide tilde, which is a piece of its own (kept out of
    # NFKC's reach as a private-use character); control characters go, odd white space becomes a space.
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"), ""),
            normalizers.Replace(Regex("[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"), " "),
            normalizers.Replace("\uff5e", "\ue000"),
            normalizers.NFKC(),
            normalizers.Replace("\ue000", "\uff5e"),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    names = [name for name, _ in pieces.vocabulary]
    bos, eos = names[pieces.bos], names[pieces.eos]
    tokenizer.post_processor = TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, pieces.bos), (eos, pieces.eos)],
    )
    tokenizer.add_special_tokens(_special(pieces))
    (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=True), encoding="utf-8")


def _special(pieces: Pieces) -> list[str]:
    return [pieces.vocabulary[i][0] for i in (pieces.bos, pieces.pad, pieces.eos, pieces.unk)]


def _configuration(header: Header, pieces: Pieces) -> dict[str, Any]:
    bos, pad, eos, unk = _special(pieces)
    modules = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": header.hidden,
            "num_hidden_layers": header.layers,
            "num_attention_heads": header.heads,
            "intermediate_size": header.ffn,
            "vocab_size": header.rows,
            "max_position_embeddings": header.positions,
            "type_vocab_size": header.types,
            "layer_norm_eps": header.epsilon,
            "pad_token_id": pieces.pad,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": min(MAX_TOKENS, header.positions),
            "bos_token": bos,
            "cls_token": bos,
            "eos_token": eos,
            "sep_token": eos,
            "pad_token": pad,
            "unk_token": unk,
        },
        "sentence_bert_config.json": {
            "max_seq_length": min(MAX_TOKENS, header.positions),
            "do_lower_case": False,
        },
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{name}"}
            for i, (name, path) in enumerate(modules)
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": header.hidden,
            "pooling_mode_mean_tokens": True,
        },
    }
