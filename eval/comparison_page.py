"""A comparison as one HTML page: what changed, by how much and how surely, and the questions that flipped."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from eval.comparing import Change, Comparison, Flip, Pairing
from eval.gates import GateResult
from eval.metrics import METRICS
from eval.page import both, closing, facts, opening, section, writing
from eval.wording import NAMES, written
from rag.records import Json

SCRIPTS = ("comparison.js",)
_VERDICTS = {"better": ("变好", "better"), "worse": ("变差", "worse"), "even": ("", "")}


def write_comparison(comparison: Comparison, gates: Sequence[GateResult], path: Path) -> None:
    """Write the page of a comparison to ``path``.

    Raises:
        SuwenError: the page cannot be written.

    """
    baseline = comparison.baseline.folder.name
    with writing(path) as file:
        file.write(opening(f"{baseline} …", SCRIPTS))
        file.write(f'<header class="title"><p class="kind">{both("测评比较", "Comparison")}</p>')
        file.write(f"<h1>{escape(baseline)}</h1></header>\n")
        if gates:
            lines = "".join(f"<li>{escape(each.line)}</li>" for each in gates)
            file.write(section("gates", both("门槛", "Gates"), f'<ul class="plain">{lines}</ul>'))
        for number, pairing in enumerate(comparison.pairings, start=1):
            file.writelines(_pairing(pairing, baseline, number))
        file.write(closing(SCRIPTS))


def _pairing(pairing: Pairing, baseline: str, number: int) -> Iterator[str]:
    name = pairing.run.folder.name
    yield f"<h2>{escape(name)} {both('对比', 'against')} {escape(baseline)}</h2>\n"
    differs = [
        (f"<code>{escape(key)}</code>", f"{escape(before)} → {escape(after)}")
        for key, (before, after) in pairing.differs.items()
    ]
    yield section(f"changed-{number}", both("两次运行的不同", "What was changed"), facts(differs))
    if pairing.left_out:
        left = len(pairing.left_out)
        yield f"<p>{both(f'{left} 题两边不同，未计入。', f'{left} questions are not the same in both: left out.')}</p>"
    overall = [each for each in pairing.changes if not each.category]
    yield section(f"metrics-{number}", both("指标", "Metrics"), _table(overall, baseline, name), _note())
    by_category = [each for each in pairing.changes if each.category and each.name == "right"]
    yield section(
        f"categories-{number}", both("各类题的答对率", "Right by category"), _table(by_category, baseline, name)
    )
    yield section(f"flips-{number}", both("翻转的题", "Flipped questions"), *_flips(pairing.flips, baseline, name))


def _note() -> str:
    return "<p class=note>{}</p>".format(
        both(
            "区间为配对自助法的 95% 区间；p 为 McNemar 检验或置换检验，未作多重比较校正。耗时每次运行都会波动。",
            "Intervals: paired bootstrap, 95 %. p: McNemar's or a permutation test, one figure at a time; among thirty "
            "metrics one or two reach .05 by luck. Seconds vary from run to run.",
        )
    )


def _table(changes: Sequence[Change], before: str, after: str) -> str:
    heads = [
        both("指标", "Metric"),
        escape(before),
        escape(after),
        both("差", "Difference"),
        both("95% 区间", "95 % interval"),
        "p",
        "n",
        "",
    ]
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    return (
        f'<table class="changes"><thead><tr>{head}</tr></thead><tbody>{"".join(map(_row, changes))}</tbody></table>\n'
    )


def _row(change: Change) -> str:
    unit = METRICS[change.name].unit
    name = escape(change.category) if change.category else both(*NAMES[change.name])
    scale = 1 if unit else 100
    low, high = (f"{scale * each:+.2f}" for each in (change.low, change.high))
    cells = [
        written(change.before, unit),
        written(change.after, unit),
        f"{scale * change.difference:+.2f}",
        f"{low} … {high}",
        f"{change.p:.3f}",
        str(change.n),
        both(*_VERDICTS[change.verdict]),
    ]
    row = "".join(f"<td>{each}</td>" for each in cells)
    return f'<tr class="{change.verdict}"><th scope="row">{name}</th>{row}</tr>\n'


def _flips(flips: Sequence[Flip], before: str, after: str) -> Iterator[str]:
    gained = sum(flip.gained for flip in flips)
    lost = len(flips) - gained
    yield '<p class="filter">'
    for key, label in (
        ("all", both(f"全部 {len(flips)}", f"All {len(flips)}")),
        ("worse", both(f"变错 {lost}", f"Now wrong {lost}")),
        ("better", both(f"变对 {gained}", f"Now right {gained}")),
    ):
        pressed = "true" if key == "all" else "false"
        yield f'<button type="button" class="plain" data-show="{key}" aria-pressed="{pressed}">{label}</button> '
    yield "</p>\n"
    for flip in sorted(flips, key=lambda each: each.gained):
        kind = "better" if flip.gained else "worse"
        yield f'<article class="flip {kind}"><h3>{escape(flip.gold.question)}</h3>'
        yield f'<p class="soft">{escape(flip.gold.id)} · {escape(flip.gold.category)} · {both(*_VERDICTS[kind])}</p>'
        yield f'<div class="pair"><div><h4>{escape(before)}</h4><p>{escape(_said(flip.before))}</p></div>'
        yield f"<div><h4>{escape(after)}</h4><p>{escape(_said(flip.after))}</p></div></div>"
        yield f'<p class="soft">{both("标准", "Gold")}: {escape(_wanted(flip))}</p></article>\n'


def _said(answer: Json) -> str:
    return str(answer.get("answer", answer.get("error", "")))


def _wanted(flip: Flip) -> str:
    if not flip.gold.answerable:
        return "文章没有提到 / the article does not say"
    return "；".join(" / ".join(fact) for fact in flip.gold.required)
