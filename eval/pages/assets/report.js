// The list of questions: filtered, sorted, drawn a page at a time, each opened on demand.
"use strict";
(() => {
  const { h, both, label, read, seconds } = suwen;
  const PAGE = 50;
  const rows = read("rows").map((row, number) => ({ ...row, number }));
  const names = read("names"), verdicts = read("verdicts");
  const is = (...kinds) => (row) => kinds.includes(row.verdict);
  const FILTERS = [
    ["all", "全部", "All", () => true],
    ["right", "对", "Right", is("right", "declined")],
    ["wrong", "错", "Wrong", is("wrong", "missed")],
    ["refused", "拒答", "Refused", is("declined", "missed")],
    ["error", "报错", "Error", (row) => row.failed],
  ];
  const last = (value) => value ?? Infinity;
  const SORTS = {
    order: ["题目顺序", "In order", (a, b) => a.number - b.number],
    slowest: ["最慢在前", "Slowest first", (a, b) => (b.seconds ?? -1) - (a.seconds ?? -1) || a.number - b.number],
    doubtful: ["最没把握在前", "Least certain first", (a, b) => last(a.confidence) - last(b.confidence) || a.number - b.number],
  };
  const chosen = { outcome: "all", category: "", words: "", sort: "order" };
  let found = rows, drawn = 0;

  const list = h("div", { class: "list" });
  const count = h("p", { class: "count", role: "status" });
  const more = h("button", { type: "button", class: "more", onclick: () => draw(PAGE) });
  const chips = h("div", { class: "chips", role: "group" }, FILTERS.map(([name, zh, en, test]) =>
    h("button", { type: "button", "data-filter": name, onclick: () => choose({ outcome: name }) },
      both(zh, en), h("small", {}, ` ${rows.filter(test).length}`))));
  const categories = h("select", { id: "category" }, label(h("option", { value: "" }), "text", "所有类别", "All categories"),
    [...new Set(rows.map((row) => row.category))].filter(Boolean).map((name) => h("option", { value: name }, name)));
  const words = h("input", { type: "search", id: "words" });
  document.getElementById("questions").append(controls(), count, list, more);

  function controls() {
    label(chips, "aria-label", "按结果筛选", "Filter by outcome");
    label(categories, "aria-label", "类别", "Category");
    const sort = h("select", { id: "sort" }, Object.entries(SORTS).map(([name, [zh, en]]) => label(h("option", { value: name }), "text", zh, en)));
    label(sort, "aria-label", "排序", "Order");
    label(label(words, "placeholder", "查找文字", "Find text"), "aria-label", "查找", "Find");
    categories.addEventListener("change", () => choose({ category: categories.value }));
    sort.addEventListener("change", () => choose({ sort: sort.value }));
    words.addEventListener("input", () => choose({ words: words.value }));
    return h("form", { class: "controls" }, chips, words, categories, sort);
  }

  function choose(changed) {
    Object.assign(chosen, changed);
    for (const each of chips.children) each.setAttribute("aria-pressed", String(each.dataset.filter === chosen.outcome));
    const sought = chosen.words.trim().toLowerCase();
    const test = FILTERS.find(([name]) => name === chosen.outcome)[3];
    found = rows.filter((row) => test(row) && (!chosen.category || row.category === chosen.category) && holds(row, sought));
    found.sort(SORTS[chosen.sort][2]);
    list.replaceChildren();
    drawn = 0;
    count.replaceChildren(...both(`${found.length} / ${rows.length} 题`, `${found.length} of ${rows.length} questions`));
    draw(PAGE);
  }

  function holds(row, words) {
    return !words || [row.id, row.question, row.answer, row.gold].some((text) => String(text).toLowerCase().includes(words));
  }

  function draw(number) {
    list.append(...found.slice(drawn, drawn + number).map(item));
    drawn = Math.min(found.length, drawn + number);
    more.hidden = drawn >= found.length;
    more.replaceChildren(...both(`再显示 ${Math.min(PAGE, found.length - drawn)} 题`, `Show ${Math.min(PAGE, found.length - drawn)} more`));
  }

  function item(row) {
    const told = row.repeats > 1 ? both(`${row.repeats} 次中答对 ${row.right} 次`, `right in ${row.right} of ${row.repeats}`) : null;
    const side = [row.category, told, row.seconds === null ? "" : seconds(row.seconds)].filter(Boolean);
    const element = h("details", { class: "item", "data-id": row.id },
      h("summary", {}, h("span", { class: `verdict ${row.verdict}` }, both(...verdicts[row.verdict])),
        h("span", { class: "ask" }, row.question), h("span", { class: "side" }, side.map((part, i) => [i ? " · " : "", part])),
        h("span", { class: "gist" }, row.answer),
        row.gold ? h("span", { class: "wanted" }, both("标准答案：", "Gold: "), row.gold) : null));
    element.addEventListener("toggle", () => {
      if (element.open && element.children.length === 1) {
        element.append(suwen.question.body(read(`q${row.number}`), names, row.shown),
          h("p", { class: "meta" }, h("a", { href: `#${encodeURIComponent(row.id)}` }, row.id)));
      }
    });
    return element;
  }

  // A link to one question: the page with its id after the #. One that the filters hide does without them.
  function visit() {
    let id = "";
    try {
      id = decodeURIComponent(location.hash.slice(1));
    } catch {} // not one of ours
    if (!rows.some((row) => row.id === id)) return;
    if (!found.some((row) => row.id === id)) {
      categories.value = words.value = "";
      choose({ outcome: "all", category: "", words: "" });
    }
    const place = found.findIndex((row) => row.id === id);
    if (place >= drawn) draw(place + 1 - drawn);
    list.children[place].open = true;
    list.children[place].scrollIntoView();
  }

  document.querySelector(".controls").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", visit);
  addEventListener("beforeprint", () => draw(found.length));
  new IntersectionObserver(([entry]) => entry.isIntersecting && !more.hidden && draw(PAGE), { rootMargin: "400px" }).observe(more);
  choose({});
  visit();
})();
