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
  listKeys();
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

// A page gives keys to what stands on it: data-key="a" presses that button or link, or goes into that field.
function press(key) {
  const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const one = all.find((each) => each.offsetParent !== null) || all[0];
  if (!one || one.disabled) return false;
  if (one.matches("input, textarea, select")) { one.focus(); one.scrollIntoView({ block: "nearest" }); } else one.click();
  return true;
}

function listKeys() {
  const list = document.querySelector("#keys .keys");
  list.querySelectorAll("[data-of-page]").forEach((row) => row.remove());
  const told = new Set();
  document.querySelectorAll("[data-key][data-key-label]").forEach((one) => {
    if (told.has(one.dataset.key)) return;
    told.add(one.dataset.key);
    const row = document.createElement("div");
    row.dataset.ofPage = "";
    const [term, words] = [document.createElement("dt"), document.createElement("dd")];
    term.append(Object.assign(document.createElement("kbd"), { textContent: one.dataset.key }));
    words.textContent = one.dataset.keyLabel;
    row.append(term, words);
    list.append(row);
  });
}

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
    if (press(event.key) || (act && act())) event.preventDefault();
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-keys]")) help(); });
}
