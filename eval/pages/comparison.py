"""A comparison as one HTML page: what changed, by how much and how surely, and the questions that flipped."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from eval.pages.flips import flipped
from eval.pages.forest import by_category, by_kind
from eval.pages.page import both, both_html, closing, commit, facts, opening, section, writing
from eval.runs.comparing import Comparison, Pairing
from eval.runs.gates import GateResult
from eval.runs.run import Run

SCRIPTS = ("page.js", "comparison.js")
_KEYS = {
    "version": ("格式版本", "Version of the format"),
    "code_sha256": ("代码", "Code"),
    "recording_sha256": ("提问的代码", "Code that asks"),
    "prompts_sha256": ("提示词", "Prompts"),
    "packages": ("软件包", "Package"),
    "model": ("模型", "Model"),
    "embedder": ("向量模型", "Embedder"),
    "reranker": ("重排模型", "Reranker"),
    "index": ("索引", "Index"),
    "timeout": ("超时", "Timeout"),
    "threads": ("线程", "Threads"),
    "data_sha256": ("题目", "Questions"),
    "commit": ("提交", "Commit"),
    "dirty": ("未提交的改动", "Changes not committed"),
    "repeat": ("每题重复", "Repeats"),
    "judge": ("评审模型", "Judge"),
    "machine": ("机器", "Machine"),
}
_VALUES = {"None": ("–", "–"), "": ("–", "–"), "True": ("是", "yes"), "False": ("否", "no")}
_REASONS = {
    "asked differently": ("问法不同", "asked differently"),
    "judged by other answers": ("标准不同", "judged by other answers"),
}
_HASH = re.compile(r"\b([0-9a-f]{16,})\b")
_SHOWN = 10  # characters of a hash


def write_comparison(comparison: Comparison, gates: Sequence[GateResult], path: Path) -> None:
    """Write the page of a comparison to ``path``.

    Raises:
        SuwenError: the page cannot be written.

    """
    before, pairings = comparison.baseline, comparison.pairings
    with writing(path) as file:
        names = ", ".join(each.run.folder.name for each in pairings)
        file.write(opening(f"{names} / {before.folder.name}", SCRIPTS, "comparison.css"))
        file.writelines(_head(before, pairings))
        if gates:
            file.write(section("gates", both("门槛", "Gates"), _gates(gates)))
        for number, pairing in enumerate(pairings, start=1):
            file.writelines(_pairing(before, pairing, number, alone=len(pairings) == 1))
        file.write(closing(SCRIPTS))


def _head(before: Run, pairings: Sequence[Pairing]) -> Iterator[str]:
    after = [each.run for each in pairings]
    several = both(f"{len(after)} 次运行", f"{len(after)} runs")
    name = several if len(after) > 1 else escape(after[0].folder.name)
    against = both(" 对比 ", " against ")
    yield f'<header class="title"><p class="kind">{both("测评比较", "Comparison")}</p>'
    yield f'<h1>{name}<span class="against">{against}</span>{escape(before.folder.name)}</h1>\n'
    for number, pairing in enumerate(pairings, start=1):
        name = f'<a href="#run-{number}">{escape(pairing.run.folder.name)}</a>{both("：", ": ")}'
        yield _outcome(pairing, number, name if len(after) > 1 else "")
    rows = [(both("之前", "Before"), before), *((both("之后", "After"), each) for each in after)]
    yield facts((when, _about(run)) for when, run in rows)
    yield "</header>\n"


def _about(run: Run) -> str:
    started = run.manifest["started"][:16].replace("T", " ")
    parts = [escape(run.manifest["model"]["spec"]), escape(started), commit(run.manifest)]
    return f"{escape(run.folder.name)}<br><small>{' · '.join(filter(None, parts))}</small>"


def _outcome(pairing: Pairing, number: int, name: str = "") -> str:
    """Return in one sentence what happened, and of how many questions that is."""
    verdicts = Counter(each.verdict for each in pairing.changes if not each.category)
    better, worse = verdicts["better"], verdicts["worse"]
    gained, lost, compared = pairing.gained, pairing.lost, pairing.compared
    told = [
        (better, "better", f"{better} 项指标变好", f"{better} metric{_s(better)} better"),
        (worse, "worse", f"{worse} 项变差", f"{worse} worse"),
        (gained, "better", f"{gained} 题由错变对", f"{gained} question{_s(gained)} became right"),
        (lost, "worse", f"{lost} 题由对变错", f"{lost} wrong"),
    ]
    zh = [_toned(number, tone, text) for number, tone, text, _ in told]
    en = [_toned(number, tone, text) for number, tone, _, text in told]
    sentence = both_html("{}，{}；{}，{}。".format(*zh), "{}, {}; {}, {}.".format(*en))
    left = len(pairing.left_out)
    of = both(f"比较了 {compared} 题", f"{compared} question{_s(compared)} compared")
    out = f', <a href="#left-out-{number}">{both(f"{left} 题未计入", f"{left} left out")}</a>' if left else ""
    return f'<p class="outcome">{name}{sentence} <small>{of}{out}</small></p>\n'


def _toned(number: int, tone: str, text: str) -> str:
    return f'<b class="{tone}">{text}</b>' if number else text


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _gates(gates: Sequence[GateResult]) -> str:
    items = []
    for each in gates:
        said = both("未过", "failed") if each.failed else both("通过", "passed")
        run = f"{escape(each.run)} · " if each.run else ""
        told = f'<span class="soft">{run}{both(each.zh, each.en)}</span>'
        items.append(
            f'<li><span class="said {"worse" if each.failed else "better"}">{said}</span>'
            f"<div><code>{escape(each.gate.text)}</code> {told}</div></li>"
        )
    note = both("写出的条件成立，即为未过。", "A gate fails when what it says holds.")
    return f'<ul class="gates">{"".join(items)}</ul><p class="note">{note}</p>'


def _pairing(before: Run, pairing: Pairing, number: int, *, alone: bool) -> Iterator[str]:
    level = 2 if alone else 3
    if not alone:
        yield f'<section class="run" id="run-{number}"><h2>{escape(pairing.run.folder.name)}</h2>\n'
        yield _outcome(pairing, number)
    overall = [each for each in pairing.changes if not each.category]
    by = [each for each in pairing.changes if each.category and each.name == "right"]
    right = pairing.change("right")
    flips = [*_repeats(before, pairing.run), *flipped(pairing.flips, level + 1)]
    parts: list[tuple[str, tuple[str, str], Sequence[str]]] = [
        ("changed", ("改动", "What was changed"), [_differs(pairing.differs)]),
        ("metrics", ("全部指标", "All metrics"), [by_kind(overall), _note()]),
        ("categories", ("各类题的答对率", "Right by category"), [by_category(by, right)] if by and right else []),
        ("flips", ("翻转的题", "Flipped questions"), flips),
        ("left-out", ("未计入的题", "Questions left out"), list(_left_out(pairing.left_out))),
    ]
    for name, title, content in parts:
        if content:
            yield section(f"{name}-{number}", both(*title), *content, level=level)
    if not alone:
        yield "</section>\n"


def _differs(differs: Mapping[str, tuple[str, str]]) -> str:
    """Return what differs as a table, settings first; what a setting says is not said twice."""
    keys = sorted(differs, key=lambda key: not key.startswith("settings."))
    rows = "".join(
        f'<tr><th scope="row">{_key(key)}</th><td class="before">{_value(differs[key][0])}</td>'
        f'<td class="after">{_value(differs[key][1])}</td></tr>\n'
        for key in keys
        if differs.get(f"settings.{key}") != differs[key]
    )
    if not rows:
        return f'<p class="note">{both("记录下来的都相同。", "Nothing that is recorded differs.")}</p>\n'
    heads = [("改动", "What"), ("之前", "Before"), ("之后", "After")]
    head = "".join(f'<th scope="col">{both(*each)}</th>' for each in heads)
    return f'<table class="differs"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>\n'


def _key(key: str) -> str:
    if key in _KEYS:
        return both(*_KEYS[key])
    group, _, name = key.partition(".")
    return f"{both(*_KEYS[group]) + ' ' if group in _KEYS else ''}<code>{escape(name)}</code>"


def _value(value: str) -> str:
    """Return a value as HTML, its hashes shortened."""
    if value in _VALUES:
        return both(*_VALUES[value])
    pieces = _HASH.split(value)
    return "".join(
        f'<code title="{piece}">{piece[:_SHOWN]}…</code>' if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )


def _note() -> str:
    zh = (
        "↓ 表示越低越好；比率的差以百分点计。区间为配对自助法的 95% 区间；p 为 McNemar 检验或置换检验，逐项计算："
        "三十项指标中，仅凭偶然也会有一两项低于 0.05。区间不含 0 且 p < 0.05 才判为变好或变差。用时每次运行都会波动。"
    )
    en = (
        "↓: lower is better. Differences of shares are in percentage points. Intervals: paired bootstrap, 95 %. "
        "p: McNemar's or a permutation test, one metric at a time; among thirty metrics one or two fall below 0.05 by "
        "luck. Better or worse is said only where the interval excludes 0 and p < 0.05. Seconds vary from run to run."
    )
    return f'<p class="note">{both(zh, en)}</p>\n'


def _repeats(*runs: Run) -> Iterator[str]:
    if any(run.manifest.get("repeat", 1) > 1 for run in runs):
        zh = "每题问了多次：对错以多数为准，所示为其中与多数相符的第一次回答。"
        en = "Asked several times: right is what most repeats were; shown is the first answer that agrees with them."
        yield f'<p class="note">{both(zh, en)}</p>\n'


def _left_out(left_out: Mapping[str, str]) -> Iterator[str]:
    for reason, count in Counter(left_out.values()).items():
        zh, en = _REASONS.get(reason, (f"只在 {reason.removeprefix('only in ')} 中", reason))
        ids = " ".join(f"<code>{escape(each)}</code>" for each, why in left_out.items() if why == reason)
        yield f'<p class="left"><b>{both(f"{count} 题{zh}", f"{count} {en}")}</b> {ids}</p>\n'
