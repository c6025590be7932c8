// The side panel: details of a row or a link without losing the list.
import { put, split } from "./place.js";

let opener = null;

export async function openPanel(url, from, title) {
  const panel = document.getElementById("panel");
  const body = document.getElementById("panel-body");
  opener = from || document.activeElement;
  panel.hidden = false;
  document.body.classList.add("panel-open");
  document.getElementById("panel-title").textContent = title || "";
  document.getElementById("panel-open").href = url;
  body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Target": "panel-body" }, credentials: "same-origin" });
    const text = await answer.text();
    put(body, answer.ok ? inner(split(text)) : `<p class="panel-note">This could not be loaded (${answer.status}). Open it as a page instead.</p>`);
  } catch {
    body.innerHTML = '<p class="panel-note">No connection. Close this and try again.</p>';
  }
  body.removeAttribute("aria-busy");
  body.focus({ preventScroll: true });
}

// A view that knows nothing of panels answers with its whole page: then its main part is what we want.
function inner(text) {
  if (!/<html[\s>]/i.test(text)) return text;
  const page = new DOMParser().parseFromString(text, "text/html");
  const main = page.querySelector("#main");
  return main ? main.innerHTML : page.body.innerHTML;
}

export function closePanel() {
  const panel = document.getElementById("panel");
  if (!panel || panel.hidden) return false;
  panel.hidden = true;
  document.body.classList.remove("panel-open");
  if (opener && opener.isConnected) opener.focus({ preventScroll: true });
  return true;
}

export function startPanel() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-panel-close]")) { closePanel(); return; }
    const link = event.target.closest("a[data-panel]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    openPanel(link.href, link, link.dataset.panelTitle || link.textContent.trim());
  });
}
