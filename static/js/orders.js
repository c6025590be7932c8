// Orders: the header and the timeline follow the live part; the form's total follows its ticks; choosers submit.
let revision = null;

function follow(box) {
  const head = box.querySelector("template[data-head]");
  const line = document.getElementById("order-head");
  if (!head || !line) return;
  const fresh = head.innerHTML.trim();
  if (line.dataset.html !== fresh) { line.innerHTML = fresh; line.dataset.html = fresh; }
  if (revision !== null && revision !== head.dataset.revision) reload(box.dataset.timelineUrl);
  revision = head.dataset.revision;
  if ("closed" in head.dataset) document.querySelectorAll("[data-open-only]").forEach((one) => { one.hidden = true; });
}

async function reload(url) {
  const place = document.getElementById("order-timeline");
  if (!place || !url) return;
  const chosen = place.querySelector("button[data-kind][aria-pressed=true]");
  const kind = chosen ? chosen.dataset.kind : "";
  const all = place.querySelector("[data-timeline]")?.dataset.all === "1";
  const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok) return;
  place.innerHTML = await answer.text();
  if (kind) place.querySelector(`button[data-kind="${CSS.escape(kind)}"]`)?.click();
  else if (all) place.querySelector("[data-show-all]")?.click();
}

function total() {
  const form = document;
  const sums = { once: 0, monthly: 0 };
  form.querySelectorAll(".order-line").forEach((row) => {
    const box = row.dataset.with ? form.querySelector(`[data-line][value="${row.dataset.with}"]`) : row.querySelector("[data-line]");
    row.classList.toggle("muted", Boolean(box && !box.checked));
    if (box && !box.checked) return;
    sums.once += Number(row.dataset.once);
    sums.monthly += Number(row.dataset.monthly);
  });
  const sign = form.querySelector("[data-sign]")?.textContent.trim().replace(/[\d.,\s−]/g, "") || "";
  for (const [name, value] of Object.entries(sums)) {
    const cell = form.querySelector(`[data-total="${name}"]`);
    if (cell) cell.textContent = (sign.length === 1 ? sign : "") + value.toLocaleString("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) + (sign.length > 1 ? ` ${sign}` : "");
  }
}

function chooser(select) {
  if (!window.TomSelect) return;
  const chosen = new window.TomSelect(select, {
    maxOptions: 50,
    placeholder: "Type a name",
    load: async (text, done) => {
      const answer = await fetch(`${select.dataset.customers}?q=${encodeURIComponent(text)}`, { credentials: "same-origin" });
      done(answer.ok ? (await answer.json()).customers : []);
    },
  });
  select.setAttribute("aria-hidden", "true"); // the typed field speaks for it
  const other = document.getElementById("id_new_customer");
  chosen.on("change", (value) => { if (value && other) other.value = ""; });
  other?.addEventListener("input", () => { if (other.value) chosen.clear(true); });
}

const live = document.getElementById("order-live");
if (live) follow(live);
document.addEventListener("ofx:content", (event) => { if (event.detail.id === "order-live") follow(event.detail); });
const form = document.querySelector(".order-form");
if (form) {
  total();
  document.addEventListener("change", (event) => { if (event.target.matches("[data-line]")) total(); });
}
document.querySelectorAll("select[data-customers]").forEach((select) => {
  if (document.readyState === "complete") chooser(select);
  else window.addEventListener("load", () => chooser(select), { once: true });
});
document.addEventListener("change", (event) => { if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit(); });
document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });
