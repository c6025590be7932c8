// THE table: row click opens, j/k move, x selects, o opens, e exports. Works on whatever #rows holds now.
import { announce } from "./announce.js";
import { openPanel } from "./panel.js";

const rows = () => [...document.querySelectorAll("[data-table] tr[data-row]")];
const current = () => document.querySelector("[data-table] tr.at");

export function move(step) {
  const all = rows();
  if (!all.length) return false;
  const now = all.indexOf(current());
  const next = all[Math.min(all.length - 1, Math.max(0, now + step))];
  all.forEach((row) => row.classList.toggle("at", row === next));
  const link = next.querySelector("a.row-link");
  if (link) link.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function go(row, event) {
  const link = row.querySelector("a.row-link");
  const url = row.dataset.href;
  if (!url) return;
  if (event && (event.metaKey || event.ctrlKey)) { window.open(url, "_blank", "noopener"); return; }
  if (link && link.hasAttribute("data-panel")) openPanel(url, link, link.textContent.trim());
  else location.assign(url);
}

export function openCurrent() {
  const row = current();
  if (!row) return false;
  go(row);
  return true;
}

export function toggleCurrent() {
  const box = current() && current().querySelector("input[name=selected]");
  if (!box) return false;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

export function exportList() {
  const link = document.querySelector("[data-table] [data-export]");
  if (link) link.click();
  return Boolean(link);
}

function bulk() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const boxes = [...document.querySelectorAll("[data-table] input[name=selected]")];
  const chosen = boxes.filter((box) => box.checked).length;
  bar.hidden = chosen === 0;
  bar.querySelector(".bulk-count").textContent = `${chosen} selected`;
  boxes.forEach((box) => box.closest("tr").classList.toggle("chosen", box.checked));
  const all = document.querySelector("[data-select-all]");
  if (all) { all.checked = chosen === boxes.length; all.indeterminate = chosen > 0 && chosen < boxes.length; }
}

function clicked(event) {
  if (event.target.closest("[data-bulk-clear]")) {
    document.querySelectorAll("[data-table] input[name=selected]").forEach((box) => { box.checked = false; });
    bulk();
    return;
  }
  const row = event.target.closest("[data-table] tr[data-row]");
  if (!row || event.target.closest("a, button, input, label, summary, select, form")) return;
  if (String(getSelection())) return;
  go(row, event);
}

// The button of a filter menu tells what is chosen in it.
function menuWords(menu) {
  const names = [...menu.querySelectorAll("input:checked")].map((box) => box.parentElement.textContent.trim());
  menu.querySelector(".multi-words").textContent = names.join(", ") || "any";
}

export function startTables() {
  document.addEventListener("click", clicked);
  // Leaving the search box changes nothing: its text was sent while it was typed.
  document.addEventListener("change", (event) => { if (event.target.id === "table-q") event.stopPropagation(); }, true);
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) {
      document.querySelectorAll("[data-table] input[name=selected]").forEach((box) => { box.checked = event.target.checked; });
    }
    const menu = event.target.closest(".multi");
    if (menu) menuWords(menu);
    if (event.target.matches("[data-select-all], input[name=selected]")) bulk();
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "rows") return;
    const words = event.target.querySelector("[data-announce]");
    announce(words && words.textContent);
    bulk();
  });
}
