// Which flipped questions are shown.
for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    const part = button.closest("section");
    for (const each of part.querySelectorAll("[data-show]")) each.setAttribute("aria-pressed", each === button);
    for (const flip of part.querySelectorAll(".flip")) {
      flip.hidden = button.dataset.show !== "all" && !flip.classList.contains(button.dataset.show);
    }
  });
}
