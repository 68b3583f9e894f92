// Opens sources and the article reader, keeps what the reader opened, and follows a growing answer.
"use strict";
(() => {
  const opened = new Set(); // ids of unfolded <details>: the page redraws an answer while it streams
  let reader, frame, labelled;
  let back; // gets the focus when the reader closes

  function build() {
    reader = document.createElement("aside");
    reader.id = "suwen-reader";
    reader.hidden = true;
    reader.innerHTML =
      '<header><a target="_blank" rel="opener"></a><button type="button"></button></header>' +
      '<iframe name="reader"></iframe>';
    document.body.append(reader);
    frame = reader.querySelector("iframe");
    reader.querySelector("button").addEventListener("click", close);
    frame.addEventListener("load", () => {
      const place = frame.contentWindow.location;
      if (place.href === "about:blank") return;
      reader.querySelector("a").href = place.href;
      frame.contentDocument.addEventListener("keydown", escape);
    });
  }

  function label() {
    const texts = document.querySelector(".masthead")?.dataset;
    if (!texts || labelled === texts.language) return;
    labelled = document.documentElement.lang = texts.language;
    reader.querySelector("a").textContent = texts.tab;
    reader.querySelector("button").textContent = texts.close;
    reader.setAttribute("aria-label", texts.reader);
    frame.title = texts.reader;
  }

  function open(link) {
    back = link;
    reader.hidden = false;
    document.body.classList.add("reading");
    reader.querySelector("button").focus({ preventScroll: true });
  }

  function close() {
    reader.hidden = true;
    document.body.classList.remove("reading");
    if (back?.isConnected) back.focus({ preventScroll: true });
  }

  function escape(event) {
    if (event.key === "Escape" && !reader.hidden) close();
  }

  function reveal(source) {
    source.open = true;
    source.scrollIntoView({ block: "nearest", behavior: "smooth" });
    source.querySelector("summary").focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[target="reader"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const source = document.getElementById(link.dataset.opens ?? "");
    if (source) {
      event.preventDefault();
      reveal(source);
    } else {
      open(link); // the browser loads the link into the frame
    }
  });
  document.addEventListener("keydown", escape);
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.id && target.isConnected) target.open ? opened.add(target.id) : opened.delete(target.id);
    },
    true,
  );

  let bottom = true; // whether the end of the page is in view, so that new text should stay in view
  const root = document.documentElement;
  addEventListener("scroll", () => (bottom = root.scrollHeight - innerHeight - scrollY < 80), { passive: true });

  function redrawn() {
    label();
    for (const id of opened) {
      const details = document.getElementById(id);
      if (details && !details.open) details.open = true;
    }
    if (!document.querySelector(".exchange")) opened.clear();
    const working = document.querySelector('.exchange[aria-busy="true"]');
    if (working && (bottom || !working.dataset.seen)) scrollTo(0, root.scrollHeight);
  }

  build(); // Gradio adds this script to a document that is already there
  new MutationObserver(redrawn).observe(document.body, { childList: true, subtree: true });
  redrawn();
})();
