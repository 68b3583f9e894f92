"""A cross-encoder of one layer that knows the characters of the two small articles; its weights are those of a seed."""

from pathlib import Path

from tests.conftest import BRIDGE, TEA

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def write_cross_encoder(folder: Path, *, labels: int = 1) -> Path:
    """Write a model that gives ``labels`` values a pair into a new folder."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from tokenizers.processors import TemplateProcessing
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    names = SPECIAL + sorted(set(TEA + BRIDGE) - {" ", "\n"})
    tokenizer = Tokenizer(models.WordLevel({name: number for number, name in enumerate(names)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split("", "isolated")]
    )
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=96,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    ).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(names),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=96,
        num_labels=labels,  # type: ignore[call-arg]
        initializer_range=1.0,
    )
    torch.manual_seed(7)
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder
