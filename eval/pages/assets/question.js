// One question, opened: answer beside gold, sources in their articles, passages, prompts, values.
"use strict";
suwen.question = (() => {
  const { h, both, read, article, slice, seconds, written } = suwen;
  const AROUND = 160; // characters shown on each side of a cited sentence
  const LEAD = 90;

  function body(question, names, first) {
    const parts = h("div", { class: "answers" });
    const count = question.repeats.length;
    const show = (chosen) => {
      const choice = count > 1 ? tabs(count, chosen, show) : null;
      parts.replaceChildren(...repeat(question, question.repeats[chosen], choice).filter(Boolean));
    };
    show(first);
    return h("div", { class: "body" }, history(question.history), parts, values(question.values, names, count));
  }

  function tabs(count, chosen, show) {
    const buttons = Array.from({ length: count }, (_, i) =>
      h("button", { type: "button", class: "tab", "aria-pressed": String(i === chosen), onclick: (event) => {
        const group = event.target.closest(".answers");
        show(i);
        group.querySelectorAll(".tab")[i].focus();
      } }, String(i + 1)));
    return h("p", { class: "tabs", role: "group" }, both("第几次回答", "Repeat"), " ", buttons);
  }

  function history(turns) {
    if (!turns.length) return null;
    return h("div", { class: "history" }, h("h4", {}, both("之前的对话", "Earlier in the conversation")),
      turns.map(([asked, told]) => [h("p", { class: "asked" }, asked), h("p", { class: "told" }, told)]));
  }

  function repeat(question, given, choice) {
    const sides = h("div", { class: "sides" }, answered(given, choice), gold(question, given));
    if (given.error) return [sides, prompts(question, given)];
    return [sides, sources(question, given), passages(question, given), prompts(question, given), meta(given)];
  }

  function answered(given, choice) {
    const title = given.refused ? both("回答（拒答）", "Answer (a refusal)") : both("回答", "Answer");
    const side = h("section", { class: "given" }, h("h4", {}, title), choice);
    if (given.error) {
      side.append(h("p", { class: "error" }, given.error));
      return side;
    }
    if (given.note) side.append(h("p", { class: "notice" }, given.note));
    side.append(h("p", { class: "text" }, withMarkers(given)));
    if (given.unsupported.length) {
      side.append(h("div", { class: "caution" }, h("p", {}, both("原文中没有依据：", "No source supports:")),
        h("ul", {}, given.unsupported.map((each) => h("li", {}, each)))));
    }
    return side;
  }

  function withMarkers(given) {
    const known = new Set(given.citations.map((each) => String(each.marker)));
    return given.answer.split(/(\[\d+\])/).map((piece) => {
      const marker = piece.slice(1, -1);
      if (!/^\[\d+\]$/.test(piece) || !known.has(marker)) return piece;
      return h("button", { type: "button", class: "cite", onclick: (event) => {
        const source = event.target.closest(".answers").querySelector(`[data-marker="${marker}"]`);
        source.open = true;
        source.querySelector("summary").focus();
        source.scrollIntoView({ block: "nearest" });
      } }, piece);
    });
  }

  function gold(question, given) {
    const side = h("section", { class: "gold" }, h("h4", {}, both("标准答案", "Gold")));
    if (!question.answerable) side.append(h("p", {}, both("文章没有答案，应当拒答。", "The articles hold no answer: to be refused.")));
    if (question.answers.length) side.append(h("p", { class: "text" }, question.answers[0]));
    if (question.answers.length > 1) side.append(h("p", { class: "soft" }, both("或：", "or: "), question.answers.slice(1).join(" · ")));
    const facts = question.facts.length ? question.facts : question.answers.length ? [question.answers] : [];
    if (facts.length && given.told) {
      side.append(h("ul", { class: "checks" }, facts.map((fact, i) => check(given.told[i], fact.join(" / "),
        given.told[i] ? both("已说出", "told") : both("未说出", "not told")))));
    }
    if (question.evidence.length) {
      side.append(h("h5", {}, both("证据", "Evidence")), h("ul", { class: "checks" }, question.evidence.map((quotes, i) => {
        const rank = given.ranks ? given.ranks[i] : null;
        return check(rank, quotes.join(" / "), rank ? both(`检索到，第 ${rank} 段`, `found, passage ${rank}`) : both("未检索到", "not found"));
      })));
    }
    return side;
  }

  function check(yes, text, said) {
    return h("li", { class: yes ? "yes" : "no" }, h("span", {}, text), " ", h("small", {}, said));
  }

  // The text a place lies in: a passage of the question, an article of the page, or nothing but itself.
  function whole(question, place) {
    if (place.text !== undefined) return { title: place.name, text: null };
    if (question.passages) return { title: [both("段落 ", "Passage "), String(place.article + 1)], text: question.passages[place.article] };
    const found = article(place.article);
    return { title: found.title || found.id, source: found.source, text: found.text };
  }

  function quoted(question, place) {
    const { text } = whole(question, place);
    return text === null ? place.text : slice(text, place.start, place.end);
  }

  function sources(question, given) {
    if (!given.citations.length) return null;
    return h("section", { class: "sources" }, h("h4", {}, both("出处", "Sources")), given.citations.map((each) => {
      const { title } = whole(question, each);
      const item = h("details", { "data-marker": each.marker, open: true },
        h("summary", {}, h("b", { class: "number" }, String(each.marker)), h("cite", {}, title)));
      item.append(context(question, each));
      return item;
    }));
  }

  function context(question, place) {
    const { text, source } = whole(question, place);
    if (text === null) return h("p", { class: "context" }, h("mark", {}, place.text));
    const before = slice(text, 0, place.start), after = slice(text, place.end, text.length);
    const near = h("p", { class: "context" }, tail(before), h("mark", {}, slice(text, place.start, place.end)), head(after));
    if (before.length <= AROUND && after.length <= AROUND) return near;
    const box = h("div", {}, near);
    const more = h("button", { type: "button", class: "plain", onclick: () => {
      const mark = h("mark", {}, slice(text, place.start, place.end));
      const all = h("div", { class: "context article", tabindex: "0" }, source ? h("p", { class: "soft" }, source) : null, before, mark, after);
      box.replaceChildren(all);
      all.scrollTop = mark.offsetTop - all.offsetTop - 80;
      all.focus();
    } }, both("显示全文", "Show the whole article"));
    box.append(more);
    return box;
  }

  // The end of a text, from the start of a line or a sentence where there is one.
  function tail(text) {
    const chars = Array.from(text.slice(-2 * AROUND));
    if (text.length <= AROUND) return text;
    const near = chars.slice(-AROUND).join("");
    const cut = near.search(/[\n。！？]|[.!?] /);
    return `…${cut >= 0 && cut < AROUND / 2 ? near.slice(cut + 1).trimStart() : near}`;
  }

  function head(text) {
    if (text.length <= AROUND) return text;
    return `${Array.from(text.slice(0, 2 * AROUND)).slice(0, AROUND).join("")}…`;
  }

  function passages(question, given) {
    if (!given.hits.length) return null;
    const evidence = question.evidence.flat();
    const items = given.hits.map((hit, i) => {
      const { title } = whole(question, hit), text = quoted(question, hit);
      const found = given.ranks.includes(i + 1);
      const lead = text.replace(/\s+/g, " ").slice(0, LEAD);
      return h("li", {}, h("details", {},
        h("summary", {}, h("b", { class: "number" }, String(i + 1)),
          h("span", { class: "score" }, hit.score.toFixed(3)),
          h("span", { class: "name" }, title),
          found ? h("span", { class: "tag" }, both("含证据", "holds evidence")) : null,
          h("span", { class: "lead" }, lead)),
        h("p", { class: "context" }, underlined(text, evidence))));
    });
    return fold("passages", both(`检索到的段落（${items.length}）`, `Passages found (${items.length})`), () => h("ol", {}, items));
  }

  function underlined(text, quotes) {
    const spans = quotes.map((quote) => [text.indexOf(quote), quote.length]).filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0]);
    const parts = [];
    let done = 0;
    for (const [at, length] of spans) {
      if (at < done) continue;
      parts.push(text.slice(done, at), h("mark", {}, text.slice(at, at + length)));
      done = at + length;
    }
    return [...parts, text.slice(done)];
  }

  let systems;
  function prompts(question, given) {
    if (!given.prompts.length) return null;
    systems = systems || read("systems");
    const texts = () => given.hits.map((hit) => quoted(question, hit));
    return fold("prompts", both(`发给模型的提示词（${given.prompts.length} 次）`, `Prompts sent to the model (${given.prompts.length})`), () => {
      const found = given.hits ? texts() : [];
      return given.prompts.map((messages) => h("div", { class: "prompt" }, messages.map((message) =>
        [h("h5", {}, message.role), h("pre", { tabindex: "0" }, message.parts ? message.parts.map((part) => spoken(part, found)).join("") : systems[message.system])])));
    });
  }

  function spoken(part, found) {
    return typeof part === "string" ? part : slice(found[part[0]], part[1], part[2]);
  }

  function values(known, names, count) {
    const title = count > 1 ? both(`各项取值（${count} 次平均）`, `Values (mean of ${count})`) : both("各项取值", "Values");
    return fold("values", title, () => h("dl", { class: "facts" }, Object.entries(known).map(([name, value]) => {
      const [zh, en, unit] = names[name] || [name, name, ""];
      return h("div", {}, h("dt", {}, both(zh, en)), h("dd", {}, written(value, unit)));
    })));
  }

  function meta(given) {
    const { timings, usage } = given;
    const parts = [given.model,
      both(`检索 ${seconds(timings.retrieve_s)}`, `search ${seconds(timings.retrieve_s)}`),
      both(`首字 ${seconds(timings.first_token_s)}`, `first word ${seconds(timings.first_token_s)}`),
      both(`全部 ${seconds(timings.total_s)}`, `whole answer ${seconds(timings.total_s)}`)];
    if (usage.prompt_tokens) {
      parts.push(both(`提示词 ${usage.prompt_tokens} token，其中缓存 ${usage.cached_tokens}，生成 ${usage.completion_tokens}`,
        `${usage.prompt_tokens} prompt tokens, ${usage.cached_tokens} of them cached, ${usage.completion_tokens} written`));
    }
    if (given.cached) parts.push(both("答案取自缓存", "answer taken from the cache"));
    return h("p", { class: "meta" }, parts.filter(Boolean).map((part, i) => [i ? " · " : "", part]));
  }

  // A part that is made when it is first opened.
  function fold(name, title, make) {
    const part = h("details", { class: `fold ${name}` }, h("summary", {}, title));
    part.addEventListener("toggle", () => part.open && part.children.length === 1 && part.append(...[make()].flat()));
    return part;
  }

  return { body, withMarkers };
})();
