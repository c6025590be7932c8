// Outages: the header and what can be done follow the live part; the map of affected postcodes; the keys of proposals.
function follow(box) {
  const head = box.querySelector("template[data-head]");
  const line = document.getElementById("outage-head");
  if (!head || !line) return;
  const fresh = head.innerHTML.trim();
  if (line.dataset.html !== fresh) { line.innerHTML = fresh; line.dataset.html = fresh; }
  document.querySelectorAll("[data-states]").forEach((one) => { one.hidden = !one.dataset.states.split(" ").includes(head.dataset.state); });
}

async function outline(map, url) {
  const answer = await fetch(url);
  const world = await answer.json();
  const land = window.topojson.feature(world, world.objects.countries);
  window.L.geoJSON(land, { interactive: false, className: "map-land", pane: "land", style: { weight: 1, fillOpacity: 1 } }).addTo(map);
}

function draw(frame) {
  const L = window.L;
  const dots = JSON.parse(document.getElementById("outage-dots").textContent);
  if (!L || !dots.length) { frame.hidden = true; return; }
  const map = L.map(frame, { attributionControl: false, zoomSnap: 0.25, minZoom: 2, maxZoom: 16 });
  map.createPane("land").style.zIndex = 250;
  const most = Math.max(...dots.map((dot) => dot.n));
  for (const dot of dots) {
    const radius = 4 + 10 * Math.sqrt(dot.n / most);
    const words = document.createElement("span");
    words.textContent = `${dot.code}: ${dot.n} affected`;
    L.circleMarker([dot.lat, dot.lon], { radius, className: "dot-out", weight: 1 }).bindTooltip(words).addTo(map);
  }
  map.fitBounds(L.latLngBounds(dots.map((dot) => [dot.lat, dot.lon])).pad(0.3), { maxZoom: 13 });
  outline(map, frame.dataset.world).catch(() => { /* the circles still say where */ });
}

function keys() {
  const all = [...document.querySelectorAll("[data-proposal]")];
  if (!all.length) return;
  const at = () => all.findIndex((one) => one.contains(document.activeElement));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const here = at();
    if (event.key === "j" || event.key === "k") {
      const next = Math.min(all.length - 1, Math.max(0, here + (event.key === "j" ? 1 : -1)));
      all[next].focus();
    } else if (here >= 0 && event.key === "o") {
      all[here].querySelector("h2 a").click();
    } else if (here >= 0 && event.key === "a") {
      all[here].querySelector("[data-key=a]")?.click();
    } else if (here >= 0 && event.key === "r") {
      all[here].querySelector("[data-key=r]")?.focus();
    } else return;
    event.preventDefault();
  });
}

const frame = document.getElementById("outage-map");
if (frame) draw(frame);
keys();
document.addEventListener("ofx:content", (event) => { if (event.detail.id === "outage-live") follow(event.detail); });
