// The search page: suggestions by keyboard, recent searches, weights, comparing, and the map without tiles.
const MOST_COMPARED = 4;
const MOST_RECENT = 6;
const NS = "http://www.w3.org/2000/svg";

function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/* Suggestions */
function startSuggestions() {
  const box = document.getElementById("seek");
  const list = document.getElementById("seek-list");
  if (!box || !list) return;
  const links = () => [...list.querySelectorAll("a")];
  const open = (on) => { list.classList.toggle("open", on); box.setAttribute("aria-expanded", on); };
  list.addEventListener("htmx:afterSwap", () => open(list.childElementCount > 0 && document.activeElement === box));
  box.addEventListener("focus", () => open(links().length > 0 && box.value.length > 1));
  box.addEventListener("input", () => { if (box.value.trim().length < 2) open(false); });
  box.form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && list.classList.contains("open")) { open(false); box.focus(); event.stopPropagation(); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !links().length || event.target.tagName === "SELECT") return;
    event.preventDefault();
    open(true);
    const stops = [box, ...links()];
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
  box.form.addEventListener("submit", () => { open(false); list.replaceChildren(); });
  document.addEventListener("click", (event) => { if (!box.form.contains(event.target)) open(false); });
}

/* Recent searches live in this browser only. */
function recent() {
  const form = document.getElementById("search");
  const line = document.getElementById("seek-recent");
  const result = document.getElementById("result");
  if (!form || !line) return;
  const key = `ofx-recent-${form.dataset.recent}`;
  let known = [];
  try { known = JSON.parse(localStorage.getItem(key)) || []; } catch { known = []; }
  if (result && result.dataset.here) {
    const now = { text: result.querySelector(".spot h2").textContent, here: result.dataset.here };
    known = [now, ...known.filter((one) => one.here !== now.here)].slice(0, MOST_RECENT + 1);
    try { localStorage.setItem(key, JSON.stringify(known)); } catch { /* storage may be off */ }
  }
  const others = known.filter((one) => !result || one.here !== result.dataset.here).slice(0, MOST_RECENT);
  line.querySelectorAll("a").forEach((link) => link.remove());
  for (const one of others) {
    line.append(el("a", { href: `${form.action}?${one.here}&q=${encodeURIComponent(one.text)}` }, one.text));
  }
  line.hidden = others.length === 0;
}

/* Weights */
function weights() {
  const form = document.getElementById("weights");
  if (!form || form.dataset.on) return;
  form.dataset.on = "1";
  const sliders = [...form.querySelectorAll("input[type=range]")];
  const refresh = () => {
    for (const slider of sliders) slider.nextElementSibling.value = slider.value;
    const moved = sliders.some((slider) => slider.value !== slider.dataset.saved);
    for (const id of ["weights-reset", "weights-save"]) {
      const button = document.getElementById(id);
      if (button) button.hidden = !moved;
    }
  };
  form.addEventListener("input", refresh);
  form.addEventListener("submit", () => { document.getElementById("weights-next").value = location.pathname + location.search; });
  document.getElementById("weights-reset").addEventListener("click", () => {
    for (const slider of sliders) slider.value = slider.dataset.saved;
    refresh();
    sliders[0].dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/* Compare up to four */
function compared() {
  const boxes = [...document.querySelectorAll('input[name="offer"]')];
  const button = document.getElementById("compare-go");
  if (!button) return;
  const chosen = boxes.filter((box) => box.checked).length;
  button.disabled = chosen < 2;
  document.getElementById("compare-count").textContent = chosen ? `${chosen} of ${MOST_COMPARED}` : "";
  for (const box of boxes) box.disabled = !box.checked && chosen >= MOST_COMPARED;
}

/* The map */
let map = null;

function count(dot, operator) {
  if (operator) return dot.live[operator] ? "3" : dot.planned[operator] ? "planned" : "0";
  const live = Object.keys(dot.live).length;
  if (!live) return Object.keys(dot.planned).length ? "planned" : "0";
  return String(Math.min(4, Math.ceil(live / 2)));
}

const WORDS = { 0: "none", 1: "1–2", 2: "3–4", 3: "5–6", 4: "7 or more", planned: "planned only" };
const WORDS_OF_ONE = { 0: "not here", 3: "live", planned: "planned" };

function legend(operator) {
  const key = document.getElementById("map-key");
  const words = operator ? WORDS_OF_ONE : WORDS;
  key.replaceChildren(...Object.entries(words).map(([name, text]) => {
    const svg = document.createElementNS(NS, "svg");
    const circle = document.createElementNS(NS, "circle");
    for (const [attribute, value] of [["cx", 6], ["cy", 6], ["r", 4.5], ["class", `dot dot-${name}`]]) circle.setAttribute(attribute, value);
    svg.setAttribute("viewBox", "0 0 12 12");
    svg.setAttribute("aria-hidden", "true");
    svg.append(circle);
    return el("li", {}, svg, text);
  }));
}

function words(dot) {
  const live = Object.values(dot.live).sort();
  const planned = Object.values(dot.planned).sort();
  const lines = [el("strong", {}, dot.postcode), ` · ${dot.km.toFixed(2)} km`];
  if (live.length) lines.push(el("br"), `Live: ${live.join(", ")}`);
  if (planned.length) lines.push(el("br"), `Planned: ${planned.join(", ")}`);
  if (!live.length && !planned.length) lines.push(el("br"), "Nobody yet");
  return el("div", {}, ...lines);
}

function rows(dots) {
  document.getElementById("map-rows").replaceChildren(...dots.map((dot) => el("tr", {},
    el("td", {}, dot.postcode), el("td", { class: "num" }, dot.km.toFixed(2)),
    el("td", {}, Object.values(dot.live).sort().join(", ") || "–"), el("td", {}, Object.values(dot.planned).sort().join(", ") || "–"))));
}

function operators(dots) {
  const select = document.getElementById("map-operator");
  const names = new Map();
  for (const dot of dots) for (const [id, name] of Object.entries({ ...dot.planned, ...dot.live })) names.set(id, name);
  for (const [id, name] of [...names].sort((a, b) => a[1].localeCompare(b[1]))) select.append(el("option", { value: id }, name));
  return select;
}

async function outline(url) {
  const answer = await fetch(url);
  const world = await answer.json();
  const land = window.topojson.feature(world, world.objects.countries);
  // The outline is drawn for whole countries: among streets it would only mislead.
  const fit = () => { map.getPane("land").style.display = map.getZoom() > 9 ? "none" : ""; };
  map.on("zoomend", fit);
  fit();
  window.L.geoJSON(land, { interactive: false, className: "map-land", pane: "land", style: { weight: 1, fillOpacity: 1 } }).addTo(map);
}

async function drawMap() {
  const frame = document.getElementById("map");
  if (map && !document.body.contains(map.getContainer())) { map.remove(); map = null; }
  if (!frame || frame.dataset.on || !window.L) return;
  frame.dataset.on = "1";
  const answer = await fetch(frame.dataset.url);
  if (!answer.ok || !document.body.contains(frame)) return;
  const { place, dots } = await answer.json();
  if (place.lat === null) { frame.replaceChildren(el("p", { class: "empty-text muted" }, "The position of this place is not known.")); return; }
  const L = window.L;
  map = L.map(frame, { attributionControl: false, zoomSnap: .25, minZoom: 2, maxZoom: 18, preferCanvas: false });
  map.createPane("land").style.zIndex = 250;
  L.control.scale({ imperial: false }).addTo(map);
  const here = [place.lat, place.lon];
  const reach = [...dots].sort((a, b) => a.km - b.km)[Math.min(79, dots.length - 1)];
  if (reach && reach.km > 0) map.fitBounds(L.latLng(here).toBounds(reach.km * 2000), { maxZoom: 17 });
  else map.setView(here, 12);
  const marks = dots.map((dot) => {
    const mark = L.circleMarker([dot.lat, dot.lon], { radius: 5.5, className: "dot", weight: 1, opacity: 1 }).bindTooltip(words(dot)).addTo(map);
    mark.on("click", () => { location.href = `${document.getElementById("search").action}?q=${encodeURIComponent(dot.postcode)}&country=${place.country}`; });
    return [mark, dot];
  });
  const circle = L.circleMarker(here, { radius: 10, className: "dot-here", fill: false, interactive: false }).addTo(map);
  circle.bringToFront();
  const select = operators(dots);
  const colour = () => {
    for (const [mark, dot] of marks) mark.getElement().setAttribute("class", `leaflet-interactive dot dot-${count(dot, select.value)}`);
    legend(select.value);
  };
  select.addEventListener("change", colour);
  colour();
  rows(dots);
  outline(frame.dataset.world).catch(() => { /* without the outline the dots still say it */ });
}

function startResult() {
  recent();
  weights();
  compared();
  drawMap();
}

document.addEventListener("change", (event) => {
  if (event.target.name === "offer") compared();
  if (event.target.id === "only-differences") document.querySelector(".compare").classList.toggle("only", event.target.checked);
});
document.addEventListener("toggle", (event) => {
  if (event.target.id === "narrow-address" && event.target.open) document.getElementById("address-text").focus();
}, true);
document.body.addEventListener("htmx:afterSettle", startResult);
startSuggestions();
startResult();
