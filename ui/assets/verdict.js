// Sends what a reader thinks of an answer. The page redraws answers, so what was chosen and typed is kept here.
"use strict";
(() => {
  const THANKS = 8000; // milliseconds
  const states = new Map(); // by the key of an answer
  let sending = Promise.resolve(); // one after the other, so that the last choice is the one that stays
  let focused; // key and name of the control that has the focus, if it is one of ours

  function stateOf(form) {
    const { key } = form.dataset;
    if (!states.has(key)) {
      states.set(key, { verdict: "", nowhere: false, kept: "", open: false, draft: "", thanked: false, trouble: "" });
    }
    return states.get(key);
  }

  const formsOf = (key) => document.querySelectorAll(`form.verdict[data-key="${CSS.escape(key)}"]`);

  function set(element, attribute, value) {
    // only if it differs: the observer sees every write
    if (element && element.getAttribute(attribute) !== String(value)) element.setAttribute(attribute, value);
  }

  function draw(form) {
    const state = stateOf(form);
    const { up, down, nowhere, correction } = form.elements;
    const status = form.querySelector("[role=status]");
    const right = form.querySelector(".right");
    const said = state.trouble || (state.thanked ? form.dataset.kept : "");
    set(up, "aria-pressed", state.verdict === "up");
    set(down, "aria-pressed", state.verdict === "down");
    set(down, "aria-expanded", state.open);
    set(nowhere, "aria-pressed", state.nowhere);
    if (right.hidden === state.open) right.hidden = !state.open;
    if (correction.value !== state.draft) correction.value = state.draft;
    if (status.textContent !== said) status.textContent = said;
    status.classList.toggle("trouble", Boolean(state.trouble));
  }

  function thank(form) {
    const state = stateOf(form);
    state.thanked = true;
    clearTimeout(state.fading); // a screen reader would say it again whenever the page is redrawn
    state.fading = setTimeout(() => {
      state.thanked = false;
      formsOf(form.dataset.key).forEach(draw);
    }, THANKS);
  }

  function send(form, verdict, then = () => {}) {
    const state = stateOf(form);
    const { key, lang, unsent } = form.dataset;
    state.verdict = verdict;
    state.trouble = "";
    const correction = verdict === "down" ? state.draft : "";
    const body = JSON.stringify({ verdict, correction, unanswerable: state.nowhere, lang });
    draw(form);
    sending = sending.then(async () => {
      try {
        const headers = { "Content-Type": "application/json" };
        const response = await fetch(`feedback/${key}`, { method: "POST", headers, body });
        state.trouble = response.ok ? "" : await response.text();
      } catch {
        state.trouble = unsent;
      }
      if (state.trouble) {
        state.verdict = state.kept;
      } else {
        state.kept = verdict;
        thank(form);
        then(state);
      }
      formsOf(key).forEach(draw);
    });
  }

  function sendCorrection(form) {
    send(form, "down", (state) => {
      state.open = false;
      for (const each of formsOf(form.dataset.key)) {
        if (each.contains(document.activeElement)) each.elements.down.focus({ preventScroll: true });
      }
    });
  }

  function choose(form, name) {
    const state = stateOf(form);
    if (name === "up") {
      Object.assign(state, { open: false, nowhere: false });
      send(form, "up");
    } else if (name === "nowhere") {
      state.nowhere = true;
      sendCorrection(form);
    } else {
      state.open = !state.open;
      if (state.verdict === "down") draw(form);
      else send(form, "down");
      if (!state.open) return;
      form.elements.correction.focus({ preventScroll: true });
      form.querySelector(".right").scrollIntoView({ block: "nearest", behavior: "smooth" });
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("form.verdict button[type=button]");
    if (button) choose(button.form, button.name);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form.verdict")) return;
    event.preventDefault();
    stateOf(form).nowhere = false;
    sendCorrection(form);
  });
  document.addEventListener("input", ({ target }) => {
    if (target.form?.matches("form.verdict")) stateOf(target.form).draft = target.value;
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const box = event.target;
      if (!box.form?.matches("form.verdict") || box.name !== "correction" || event.isComposing) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        box.form.requestSubmit();
      } else if (event.key === "Escape") {
        event.stopPropagation(); // the article reader stays
        stateOf(box.form).open = false;
        box.form.elements.down.focus();
        draw(box.form);
      }
    },
    true,
  );

  document.addEventListener("focusin", ({ target }) => {
    const form = target.form?.matches("form.verdict") ? target.form : null;
    focused = form && { key: form.dataset.key, name: target.name };
  });
  document.addEventListener("focusout", ({ target }) => {
    setTimeout(() => {
      if (target.isConnected && document.activeElement === document.body) focused = null; // left, not redrawn
    });
  });

  function redrawn() {
    for (const form of document.querySelectorAll("form.verdict")) {
      draw(form);
      if (focused?.key === form.dataset.key && document.activeElement === document.body) {
        form.elements[focused.name]?.focus({ preventScroll: true });
      }
    }
  }

  // Gradio puts new HTML into the elements that are there, attribute by attribute.
  const attributeFilter = ["data-key", "aria-pressed", "hidden"];
  new MutationObserver(redrawn).observe(document.body, { childList: true, subtree: true, attributeFilter });
  redrawn();
})();
