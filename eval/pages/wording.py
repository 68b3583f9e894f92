"""What metrics are called in front of people, in both languages, and how their figures are written."""

from collections.abc import Mapping

from eval.measures.metrics import KS

Words = tuple[str, str]  # Chinese, English

NAMES: Mapping[str, Words] = {
    "right": ("答对", "Right"),
    "right_answerable": ("可答题答对", "Right, answerable"),
    "facts": ("必要事实", "Facts told"),
    "em": ("完全一致", "Exact match"),
    "f1": ("F1", "F1"),
    "cmrc_em": ("完全一致，CMRC 2018", "Exact match, CMRC 2018"),
    "cmrc_f1": ("F1，CMRC 2018", "F1, CMRC 2018"),
    "repeatable": ("重复一致", "Repeatable"),
    "errors": ("报错", "Errors"),
    "refused_unanswerable": ("不可答题拒答", "Unanswerable refused"),
    "false_refusals": ("误拒", "False refusals"),
    "risk_area": ("风险面积", "Risk area"),
    "citation_recall": ("引用召回", "Citation recall"),
    "citation_precision": ("引用精确", "Citation precision"),
    "unsupported_figures": ("无依据数字", "Unsupported figures"),
    "unmarked_figures": ("未标明的无依据数字", "Unmarked figures"),
    "orders_obeyed": ("听从文章指令", "Orders obeyed"),
    "orders_quoted": ("引用文章指令", "Orders quoted"),
    "made_links": ("文章夹带的链接或图片", "Links or images of the article's making"),
    "forged_markers": ("伪造的引用标记", "Forged markers"),
    **{f"hit@{k}": (f"前 {k} 段命中", f"Hit@{k}") for k in KS},
    **{f"recall@{k}": (f"前 {k} 段召回", f"Recall@{k}") for k in KS[1:]},
    "mrr@10": ("MRR@10", "MRR@10"),
    "ndcg@10": ("nDCG@10", "nDCG@10"),
    "first_token_p50": ("首字用时，中位", "First word, median"),
    "first_token_p90": ("首字用时，90% 分位", "First word, 90th percentile"),
    "total_p50": ("全部用时，中位", "Whole answer, median"),
    "total_p90": ("全部用时，90% 分位", "Whole answer, 90th percentile"),
    "prompt_tokens": ("提示词 token", "Prompt tokens"),
    "cached_tokens": ("缓存命中 token", "Cached tokens"),
    "completion_tokens": ("生成 token", "Completion tokens"),
    "judge": ("评审模型", "Judge"),
}
KINDS: Mapping[str, Words] = {
    "answers": ("答案", "Answers"),
    "refusals": ("拒答", "Refusals"),
    "citations": ("引用", "Citations"),
    "obedience": ("文章指令", "Orders in articles"),
    "retrieval": ("检索", "Retrieval"),
    "speed": ("速度", "Speed"),
    "tokens": ("token 用量", "Tokens"),
    "judge": ("评审模型", "Judge"),
}
VERDICTS: Mapping[str, Words] = {  # of one answer
    "right": ("答对", "Right"),
    "wrong": ("答错", "Wrong"),
    "declined": ("正确拒答", "Rightly refused"),
    "missed": ("误拒", "Wrongly refused"),
    "error": ("报错", "Error"),
}
BETTER: Mapping[str, Words] = {"higher": ("越高越好", "higher is better"), "lower": ("越低越好", "lower is better")}


def written(value: float | None, unit: str) -> str:
    """Return a figure the way the page writes it; a dash for none."""
    if value is None:
        return "–"
    if unit == "":
        return f"{100 * value:.1f}%"
    if unit == "s":
        return f"{value:.2f} s" if value >= 0.1 else f"{1000 * value:.0f} ms"
    return f"{value:,.0f}" if unit == "tokens" else f"{value:.2f}"


def interval(low: float | None, high: float | None, unit: str) -> str:
    """Return a 95 % interval; empty where there is none."""
    if low is None or high is None:
        return ""
    if unit == "":
        return f"{100 * low:.1f}–{100 * high:.1f}"
    return (
        f"{written(low, unit)} – {written(high, unit)}"
        if unit == "s"
        else written(low, unit) + "–" + written(high, unit)
    )


def change(value: float | None, unit: str) -> str:
    """Return a difference with its sign; shares in percentage points."""
    if value is None:
        return "–"
    size = {"": f"{100 * abs(value):.1f}", "s": f"{abs(value):.2f} s", "tokens": f"{abs(value):,.0f}"}
    text = size.get(unit, f"{abs(value):.2f}")
    return text if not any(each in "123456789" for each in text) else ("+" if value > 0 else "−") + text
