// The desk: the header and timeline follow the live part, keys press what stands on the page, macros, active time.
import { announce } from "./parts/announce.js";

const live = document.getElementById("ticket-live");
let revision = null;

function follow(box) {
  const head = box.querySelector("template[data-head]");
  const line = document.getElementById("ticket-head");
  if (!head || !line) return;
  const fresh = head.innerHTML.trim();
  if (line.dataset.html !== fresh) { line.innerHTML = fresh; line.dataset.html = fresh; }
  if (revision !== null && revision !== head.dataset.revision) reload(box.dataset.timelineUrl);
  revision = head.dataset.revision;
}

async function reload(url) {
  const place = document.getElementById("ticket-timeline");
  if (!place || !url) return;
  const chosen = place.querySelector("button[data-kind][aria-pressed=true]");
  const kind = chosen ? chosen.dataset.kind : "";
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok) return;
  place.innerHTML = await answer.text();
  if (kind) place.querySelector(`button[data-kind="${CSS.escape(kind)}"]`)?.click();
}

// -- macros: m, then the macro's key ------------------------------------------------------------------------------
let waiting = null; // the letters after m

function useMacro(link) {
  const text = document.getElementById("id_text");
  text.value = text.value.trim() ? `${text.value.trimEnd()}\n${link.dataset.text}` : link.dataset.text;
  const reader = document.querySelector(`input[name=audience][value="${CSS.escape(link.dataset.audience)}"]`);
  if (reader) reader.checked = true;
  if (link.dataset.then === "pending") document.querySelector("input[name=is_question]").checked = true;
  document.getElementById("macros").open = false;
  text.focus();
  announce(`Macro ${link.textContent.trim()}`);
}

function macroKey(event) {
  if (waiting === null) return false;
  if (event.key.length !== 1) { waiting = null; return false; }
  waiting += event.key;
  const found = [...document.querySelectorAll("[data-macro]")].filter((one) => one.dataset.macro && one.dataset.macro.startsWith(waiting));
  const exact = found.find((one) => one.dataset.macro === waiting);
  if (exact && found.length === 1) { waiting = null; useMacro(exact); return true; }
  if (!found.length) waiting = null;
  return found.length > 0;
}

// -- cards of the board: j, k, o ----------------------------------------------------------------------------------
function moveCard(step) {
  const cards = [...document.querySelectorAll("[data-card]")];
  if (!cards.length) return false;
  const at = cards.indexOf(document.activeElement);
  const next = cards[Math.min(cards.length - 1, Math.max(0, at + step))];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select")) {
    // Ctrl+Enter is caught below; typing is typing.
    return;
  }
  if (macroKey(event)) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (event.key === "m" && document.getElementById("macros")) {
    document.getElementById("macros").open = true;
    waiting = "";
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if ((event.key === "j" || event.key === "k") && moveCard(event.key === "j" ? 1 : -1)) event.preventDefault();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("form");
  if (form && event.target.tagName === "TEXTAREA") { event.preventDefault(); form.requestSubmit(); }
});

document.addEventListener("click", (event) => {
  const macro = event.target.closest("[data-macro]");
  if (macro) { event.preventDefault(); useMacro(macro); return; }
  const jump = event.target.closest("[data-focus]");
  if (jump) { event.preventDefault(); document.getElementById(jump.dataset.focus)?.focus(); return; }
  const menu = document.getElementById("macros");
  if (menu && menu.open && !event.target.closest("#macros")) menu.open = false;
});
document.addEventListener("change", (event) => { if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit(); });
// Enter in the look-up opens a ticket for the first service found; pressed before the answer is here, it waits for it.
const caller = document.getElementById("caller");
let looked = caller?.value || ""; // what the callers shown were asked for
let opening = false;
function openFirst() {
  const first = document.querySelector("#callers [data-open]");
  if (first) location.assign(first.href);
  return Boolean(first);
}
document.addEventListener("submit", (event) => {
  if (!event.target.matches(".caller-form")) return;
  opening = caller.value !== looked;
  if (opening || openFirst()) event.preventDefault();
}, true);
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "callers") return;
  looked = new URL(event.detail.xhr.responseURL).searchParams.get("q") || "";
  if (opening && caller.value === looked) { opening = false; openFirst(); }
});
for (const failed of ["htmx:sendError", "htmx:responseError"]) {
  document.body.addEventListener(failed, () => { if (opening) caller.form.submit(); });
}

// -- active seconds: input within the last minute, page in sight --------------------------------------------------
const STEP = 15;
let touched = Date.now();
let spent = 0;

function tick() {
  if (document.visibilityState === "visible" && Date.now() - touched < 60_000) spent += 1;
  if (spent >= STEP) post();
}

function post() {
  const seconds = Math.min(spent, STEP);
  if (!seconds) return;
  spent = 0;
  const body = new FormData();
  body.append("seconds", seconds);
  body.append("csrfmiddlewaretoken", document.querySelector("#ticket-act input[name=csrfmiddlewaretoken]").value);
  fetch(live.dataset.timeUrl, { method: "POST", body, credentials: "same-origin", keepalive: true }).catch(() => {});
}

if (live) {
  follow(live);
  document.addEventListener("ofx:content", (event) => { if (event.detail.id === "ticket-live") follow(event.detail); });
  if (live.dataset.timeUrl) {
    for (const kind of ["keydown", "pointerdown", "pointermove", "scroll"]) document.addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
    setInterval(tick, 1000);
    window.addEventListener("pagehide", post);
  }
}
if (location.hash === "#composer") document.getElementById("id_text")?.focus();
