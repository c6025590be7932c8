// Answering with the keyboard: a goes to the row's answer, d opens its delay; after an answer the next row is at hand.
import { announce } from "./parts/announce.js";

const current = () => document.querySelector("[data-table] tr.at") || document.querySelector("[data-table] tr[data-row]");
const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const row = current();
  if (!row) return;
  if (event.key === "a") {
    const field = row.querySelector("[data-answer]");
    if (field) { field.focus(); event.preventDefault(); }
  }
  if (event.key === "d") {
    const link = row.querySelector("[data-delay]");
    if (link) { link.click(); event.preventDefault(); }
  }
});

document.body.addEventListener("htmx:afterSettle", (event) => {
  const row = event.target.closest && event.target.closest("tr[data-row]");
  if (!row) return;
  const said = row.querySelector("[data-said]");
  if (said) announce(said.textContent.trim());
  document.querySelectorAll("tr.at").forEach((one) => one.classList.remove("at"));
  const fields = row.querySelector(".partner-more input:not([type=hidden]), .partner-more select, .form-error ~ label input");
  const next = row.classList.contains("partner-said") ? row.nextElementSibling || row : row;
  next.classList.add("at");
  const goal = fields || next.querySelector("[data-answer], a.row-link");
  if (goal) goal.focus({ preventScroll: true });
});
