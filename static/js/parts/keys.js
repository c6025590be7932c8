import { closePanel } from "./panel.js";
import { exportList, move, openCurrent, toggleCurrent } from "./table.js";

const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

function focusOn(id) {
  const box = document.getElementById(id);
  if (!box || box.hidden) return false;
  box.focus();
  if (box.select) box.select();
  return true;
}

function help() {
  const dialog = document.getElementById("keys");
  if (!dialog.open) dialog.showModal();
  return true;
}

const ACTS = {
  "/": () => focusOn("find"),
  f: () => focusOn("table-q"),
  j: () => move(1),
  k: () => move(-1),
  o: openCurrent,
  x: toggleCurrent,
  e: exportList,
  "?": help,
};

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      if (typing(event.target)) event.target.blur();
      else if (closePanel()) event.preventDefault();
      return;
    }
    if (typing(event.target)) return;
    const act = ACTS[event.key];
    if (act && act()) event.preventDefault();
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-keys]")) help(); });
}
