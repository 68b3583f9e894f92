// Which flipped questions are shown: those that became right or wrong, and of which category.
"use strict";
for (const list of document.querySelectorAll(".flips")) {
  const { h, both, label } = suwen;
  const flips = [...list.children];
  const chosen = { kind: "all", category: "" };
  const count = h("p", { class: "count", role: "status" });
  const of = (kind) => flips.filter((flip) => kind === "all" || flip.dataset.kind === kind);

  function update() {
    const shown = of(chosen.kind).filter((flip) => !chosen.category || flip.dataset.category === chosen.category);
    for (const flip of flips) flip.hidden = !shown.includes(flip);
    count.replaceChildren(...both(`${shown.length} / ${flips.length} 题`, `${shown.length} of ${flips.length} questions`));
  }

  const kinds = [["all", "全部", "All"], ["worse", "变错", "Now wrong"], ["better", "变对", "Now right"]];
  const chips = h("div", { class: "chips", role: "group" }, kinds.map(([kind, zh, en]) =>
    h("button", { type: "button", "data-filter": kind, "aria-pressed": String(kind === "all"), onclick: () => {
      chosen.kind = kind;
      for (const each of chips.children) each.setAttribute("aria-pressed", String(each.dataset.filter === kind));
      update();
    } }, both(zh, en), h("small", {}, ` ${of(kind).length}`))));
  label(chips, "aria-label", "按结果筛选", "Filter by outcome");

  const names = [...new Set(flips.map((flip) => flip.dataset.category))].filter(Boolean);
  const categories = h("select", {}, label(h("option", { value: "" }), "text", "所有类别", "All categories"),
    names.map((name) => h("option", { value: name }, name)));
  label(categories, "aria-label", "类别", "Category");
  categories.addEventListener("change", () => { chosen.category = categories.value; update(); });

  list.before(h("div", { class: "controls" }, chips, names.length ? categories : null), count);
  update();
}
