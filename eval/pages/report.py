"""A finished run as one HTML page: its figures, and every question with all that led to its answer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from math import isnan
from pathlib import Path
from typing import TextIO

import numpy as np

from eval.gold import Gold
from eval.judges.agreement import Agreement, remark
from eval.measures.metrics import HEADLINES, METRICS, Metric
from eval.measures.refusing import curve
from eval.measures.summary import Figure, Summary
from eval.pages.charts import latency, risk_coverage, share_bar
from eval.pages.detail import Texts, brief, detail
from eval.pages.page import both, closing, commit, data, facts, opening, section, writing
from eval.pages.wording import BETTER, KINDS, NAMES, VERDICTS, interval, written
from eval.runs.run import Run
from rag.records import Json

SCRIPTS = ("page.js", "question.js", "report.js")


def write_report(run: Run, path: Path) -> None:
    """Write the page of a run to ``path``.

    Answers are read and written one by one: what is kept of each is what the list of questions shows.

    Raises:
        SuwenError: the page cannot be written.

    """
    with writing(path) as file:
        file.write(opening(run.manifest["name"], SCRIPTS))
        file.writelines(_head(run.manifest, run.gold))
        file.write(_figures(run))
        file.write(_charts(run))
        file.write(_metrics(run.summary.all))
        file.write(_questions(run))
        _data(run, file)
        file.write(closing(SCRIPTS))


def _head(manifest: Json, gold: Sequence[Gold]) -> Iterator[str]:
    index, machine = manifest.get("index"), manifest.get("machine", {})
    unanswerable = sum(not each.answerable for each in gold)
    count = both(f"{len(gold)} 题，其中 {unanswerable} 题不可答", f"{len(gold)}, {unanswerable} of them unanswerable")
    repeat = manifest.get("repeat", 1)
    yield f'<header class="title"><p class="kind">{both("测评报告", "Evaluation report")}</p>'
    yield f"<h1>{escape(manifest['name'])}</h1>\n"
    yield facts(
        [
            (both("模型", "Model"), escape(manifest["model"]["spec"])),
            (both("题目", "Questions"), count),
            (both("题集", "Gold sets"), "<br>".join(escape(Path(each["path"]).name) for each in manifest["gold"])),
            (both("索引", "Index"), escape(f"{index['name']} · {index['generation']}") if index else ""),
            (both("向量模型", "Embedder"), escape(manifest.get("embedder", {}).get("name", ""))),
            (both("重排模型", "Reranker"), escape((manifest.get("reranker") or {}).get("name", ""))),
            (both("每题重复", "Repeats"), str(repeat) if repeat > 1 else ""),
            (both("开始", "Started"), escape(_time(manifest["started"]))),
            (both("结束", "Ended"), escape(_time(manifest["ended"] or ""))),
            (both("代码", "Commit"), commit(manifest)),
            (both("机器", "Machine"), escape(_machine(machine))),
        ]
    )
    yield _settings(manifest)
    yield _errors(manifest.get("errors", ()))
    yield "</header>\n"


def _time(stamp: str) -> str:
    return stamp[:19].replace("T", " ")


def _machine(machine: Json) -> str:
    cores = f"{machine['cores']} cores" if machine.get("cores") else ""
    python = f"Python {machine['python']}" if machine.get("python") else ""
    return " · ".join(filter(None, [machine.get("platform", ""), cores, python]))


def _settings(manifest: Json) -> str:
    rows = [(escape(name), escape(str(value))) for name, value in manifest.get("settings", {}).items()]
    digests = {
        "data_sha256": manifest.get("data_sha256"),
        "code_sha256": manifest.get("code_sha256"),
        "prompts_sha256": manifest.get("prompts_sha256"),
        "model": manifest["model"].get("fingerprint"),
        "embedder": manifest.get("embedder", {}).get("fingerprint"),
        "reranker": (manifest.get("reranker") or {}).get("fingerprint"),
    }
    rows += [(escape(name), f"<code>{escape(str(value))}</code>") for name, value in digests.items() if value]
    summary = both("全部设置与指纹", "All settings and fingerprints")
    return f"<details><summary>{summary}</summary>{facts(rows)}</details>\n"


def _errors(errors: Sequence[str]) -> str:
    if not errors:
        return ""
    lines = "".join(f"<li>{escape(each)}</li>" for each in errors)
    count = len(errors)
    said = both(f"题集中有 {count} 题有误，未计入：", f"Questions of the gold sets with errors, left out ({count}):")
    return f'<div class="caution" id="unread"><p>{said}</p><ul>{lines}</ul></div>\n'


def _figures(run: Run) -> str:
    figures = [run.summary.figure(name) for name in HEADLINES]
    cards = "".join(_card(METRICS[each.name], each) for each in figures if each.n)
    agreement = _agreement(run.manifest.get("judge"))
    note = both(
        "括号内为 95% 置信区间；n 为该项适用并计分的题数。",
        "In brackets the 95 % interval; n is how many questions the figure applies to.",
    )
    return section(
        "figures",
        both("主要结果", "Headline figures"),
        f'<div class="cards">{cards}</div>',
        f"<p class=note>{note}</p>",
        agreement,
    )


def _card(metric: Metric, figure: Figure) -> str:
    value, unit = written(figure.value, metric.unit), metric.unit
    return (
        f'<div class="card"><h3>{both(*NAMES[metric.name])}</h3><p class="value">{value}</p>'
        f'<p class="interval">[{interval(figure.low, figure.high, unit)}]</p>'
        f'<p class="of">{_of(figure)}</p><p class="of">{both(*BETTER[metric.better])}</p></div>\n'
    )


def _of(figure: Figure) -> str:
    return f"n = {figure.n} / {figure.of}"


def _agreement(judge: Json | None) -> str:
    if not judge:
        return ""
    measured = Agreement.from_json(judge["agreement"]) if judge["agreement"] else None
    said = both(*(remark(measured, judge["spec"], language) for language in ("zh", "en")))
    title = f"{both('评审模型', 'Judge model')} {escape(judge['spec'])}"
    return f'<div class="judge" id="judge"><h3>{title}</h3><p>{said}</p></div>\n'


def _charts(run: Run) -> str:
    columns = run.scores.columns
    line = curve(columns["confidence"], np.nan_to_num(columns["right"]), run.scores.refused)
    times = [[value for value in columns[name].tolist() if not isnan(value)] for name in ("first_token_s", "total_s")]
    return section(
        "charts",
        both("图表", "Charts"),
        _categories(run.summary),
        '<div class="pair">',
        f"<div><h3>{both('风险—覆盖率', 'Risk and coverage')}</h3>",
        risk_coverage(line.coverage.tolist(), line.risk.tolist(), line.answered, line.area),
        f"</div><div><h3>{both('用时', 'Seconds')} <small class=legend><i class=first></i>{both('首字', 'first word')} "
        f"<i class=total></i>{both('全部', 'whole answer')}</small></h3>",
        latency(*times),
        "</div></div>",
    )


def _categories(summary: Summary) -> str:
    rows = []
    for name in [*filter(None, summary.categories), ""]:
        right = summary.figure("right", name)
        if right.value is None or right.low is None or right.high is None:
            continue
        label = escape(name) if name else both("全部", "All")
        rows.append(
            f'<tr{"" if name else " class=all"}><th scope="row">{label}</th>'
            f'<td class="picture">{share_bar(right.value, right.low, right.high)}</td>'
            f"<td>{written(right.value, '')}</td>"
            f'<td class="soft">{interval(right.low, right.high, "")}</td><td class="soft">n = {right.n}</td></tr>\n'
        )
    title = both("各类题的答对率，横线为 95% 置信区间", "Right by category; the line is the 95 % interval")
    return f'<table class="bars"><caption>{title}</caption><tbody>{"".join(rows)}</tbody></table>\n'


def _metrics(figures: Sequence[Figure]) -> str:
    groups = []
    asked = (each for each in figures if each.n or not METRICS[each.name].optional)
    for kind, group in groupby(asked, key=lambda figure: METRICS[figure.name].kind):
        rows = "".join(_row(METRICS[each.name], each) for each in group)
        groups.append(
            f'<tbody><tr class="group"><th colspan="4" scope="rowgroup">{both(*KINDS[kind])}</th></tr>{rows}</tbody>'
        )
    heads = [
        ("指标与定义", "Metric and definition"),
        ("结果", "Figure"),
        ("95% 区间", "95 % interval"),
        ("计分题数", "Scored"),
    ]
    head = "".join(f'<th scope="col">{both(*each)}</th>' for each in heads)
    table = f'<table class="metrics"><thead><tr>{head}</tr></thead>{"".join(groups)}</table>'
    return section("metrics", both("全部指标", "All metrics"), table)


def _row(metric: Metric, figure: Figure) -> str:
    zh, en = BETTER[metric.better]
    return (
        f'<tr><th scope="row"><div>{both(*NAMES[metric.name])} <code>{escape(metric.name)}</code></div>'
        f"<p>{both(f'{metric.zh}{zh}。', f'{metric.en} {en.capitalize()}.')}</p></th>"
        f"<td>{written(figure.value, metric.unit)}</td>"
        f'<td class="soft">{interval(figure.low, figure.high, metric.unit)}</td>'
        f'<td class="soft">{figure.n} / {figure.of}</td></tr>\n'
    )


def _questions(run: Run) -> str:
    noscript = both("逐题查看需要浏览器允许脚本。", "The questions need a browser that runs scripts.")
    return section("questions", both("逐题", "Questions"), f"<noscript><p>{noscript}</p></noscript>")


def _data(run: Run, file: TextIO) -> None:
    texts = Texts()
    with (run.folder / "articles.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            article = json.loads(line)
            texts.articles[article["id"]] = number
            file.write(data(f"a{number}", article))
    rows = []
    for number, (gold, (_, answers)) in enumerate(
        zip(run.gold, groupby(run.answers(), key=lambda answer: answer["id"]), strict=True)
    ):
        given = list(answers)
        values = run.scores.values(number)
        file.write(data(f"q{number}", detail(gold, given, values, texts)))
        rows.append(brief(gold, given, values))
    file.write(data("rows", rows))
    file.write(data("systems", list(texts.systems)))
    file.write(data("names", _names()))
    file.write(data("verdicts", VERDICTS))


def _names() -> Mapping[str, Sequence[str]]:
    """Return what the columns of a question's values are called, and their units."""
    names = {metric.column: (*NAMES[name], metric.unit) for name, metric in reversed(list(METRICS.items()))}
    timed = {"first_token_s": ("首字", "First word", "s"), "total_s": ("全部", "Whole answer", "s")}
    return {**names, **timed, "confidence": ("把握", "Confidence", "")}
