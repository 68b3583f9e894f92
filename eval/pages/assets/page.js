// What every page needs: elements from text alone, both languages side by side, and the data the page holds.
"use strict";
const suwen = (() => {
  const root = document.documentElement;
  const labelled = new Set(); // elements with an attribute or a text that cannot hold both languages

  // Children are nodes, or strings that become text: nothing is ever read as HTML.
  function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "onclick") element.addEventListener("click", value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value !== null) element.setAttribute(name, value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
    return element;
  }

  function both(zh, en) {
    if (zh === en) return [zh];
    return [h("span", { class: "zh", lang: "zh-CN" }, zh), h("span", { class: "en", lang: "en" }, en)];
  }

  // An attribute ("placeholder", "aria-label"), or the text of an <option>, in the page's language.
  function label(element, place, zh, en) {
    element.suwen = { ...element.suwen, [place]: [zh, en] };
    labelled.add(element);
    relabel(element);
    return element;
  }

  function relabel(element) {
    for (const [place, [zh, en]] of Object.entries(element.suwen)) {
      const text = root.lang === "en" ? en : zh;
      if (place === "text") element.textContent = text;
      else element.setAttribute(place, text);
    }
  }

  document.getElementById("language").addEventListener("click", () => {
    root.lang = root.lang === "en" ? "zh-CN" : "en";
    labelled.forEach(relabel);
    try {
      localStorage.setItem("suwen-language", root.lang);
    } catch {}
  });

  const read = (id) => JSON.parse(document.getElementById(id).textContent);

  const articles = new Map();
  function article(number) {
    if (!articles.has(number)) articles.set(number, read(`a${number}`));
    return articles.get(number);
  }

  // Offsets are counted in code points; a JavaScript string is counted in half pairs.
  const astral = /[\ud800-\udbff]/;
  const split = new Map();
  function slice(text, start, end) {
    if (!astral.test(text)) return text.slice(start, end);
    if (!split.has(text)) {
      if (split.size > 50) split.clear();
      split.set(text, Array.from(text));
    }
    return split.get(text).slice(start, end).join("");
  }

  function seconds(value) {
    return value >= 0.1 ? `${value.toFixed(2)} s` : `${Math.round(1000 * value)} ms`;
  }

  function written(value, unit) {
    if (unit === "s") return seconds(value);
    if (unit === "tokens") return Math.round(value).toLocaleString("en");
    return String(Math.round(value * 1000) / 1000);
  }

  return { h, both, label, read, article, slice, seconds, written };
})();
