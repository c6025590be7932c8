const dark = matchMedia("(prefers-color-scheme: dark)");
const read = () => { try { return localStorage.getItem("ofx-theme") || "auto"; } catch { return "auto"; } };

function show() {
  const choice = read();
  const theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  document.documentElement.setAttribute("data-bs-theme", theme);
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", button.dataset.themeChoice === choice);
  }
  document.dispatchEvent(new CustomEvent("ofx:theme", { detail: theme }));
}

export function startTheme() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try { localStorage.setItem("ofx-theme", button.dataset.themeChoice); } catch { /* the choice lasts for this page */ }
    show();
  });
  dark.addEventListener("change", show);
  show();
}
