// The reach map: a circle an area, its shade the share that can be ordered; no tiles.
const STEPS = [[0, "0"], [0.25, "1"], [0.5, "2"], [0.75, "3"], [1.01, "4"]];
const WORDS = ["none", "up to 25 %", "up to 50 %", "up to 75 %", "more"];
const NS = "http://www.w3.org/2000/svg";

function shade(dot) {
  const share = dot.known ? dot.postcodes / dot.known : 0;
  return share === 0 ? "0" : STEPS.find(([most]) => share <= most)[1];
}

function words(dot) {
  const share = dot.known ? Math.round((100 * dot.postcodes) / dot.known) : 0;
  const box = document.createElement("div");
  const head = document.createElement("strong");
  head.textContent = `${dot.area} ${dot.name}`;
  box.append(head, document.createElement("br"), `${dot.postcodes.toLocaleString("en-GB")} of ${dot.known.toLocaleString("en-GB")} postcodes (${share} %), ${dot.on.toLocaleString("en-GB")} on-net`);
  if (dot.adds) box.append(document.createElement("br"), `one more agreement adds ${dot.adds.toLocaleString("en-GB")}`);
  return box;
}

function legend() {
  document.getElementById("reach-key").replaceChildren(...WORDS.map((text, i) => {
    const item = document.createElement("li");
    const svg = document.createElementNS(NS, "svg");
    const circle = document.createElementNS(NS, "circle");
    for (const [name, value] of [["cx", 6], ["cy", 6], ["r", 4.5], ["class", `dot dot-${i}`]]) circle.setAttribute(name, value);
    svg.setAttribute("viewBox", "0 0 12 12");
    svg.setAttribute("aria-hidden", "true");
    svg.append(circle);
    item.append(svg, text);
    return item;
  }));
}

async function outline(map, url) {
  const answer = await fetch(url);
  const world = await answer.json();
  const land = window.topojson.feature(world, world.objects.countries);
  window.L.geoJSON(land, { interactive: false, className: "map-land", pane: "land", style: { weight: 1, fillOpacity: 1 } }).addTo(map);
}

function draw() {
  const frame = document.getElementById("reach-map");
  const dots = JSON.parse(document.getElementById("reach-dots").textContent);
  if (!frame || !window.L) return;
  legend();
  if (!dots.length) { frame.hidden = true; return; }
  const L = window.L;
  const map = L.map(frame, { attributionControl: false, zoomSnap: 0.25, minZoom: 2, maxZoom: 11 });
  map.createPane("land").style.zIndex = 250;
  const most = Math.max(...dots.map((dot) => dot.known), 1);
  for (const dot of [...dots].sort((a, b) => b.known - a.known)) {
    const radius = 3 + 13 * Math.sqrt(dot.known / most);
    L.circleMarker([dot.lat, dot.lon], { radius, className: `dot dot-${shade(dot)}`, weight: 1, opacity: 1 }).bindTooltip(words(dot)).addTo(map);
    if (dot.adds) L.circleMarker([dot.lat, dot.lon], { radius: radius + 3, className: "dot-adds", fill: false, interactive: false, weight: Math.max(1.5, 5 * (dot.adds / Math.max(dot.known, 1))) }).addTo(map);
  }
  const weight = [...dots].sort((a, b) => b.postcodes - a.postcodes || b.known - a.known).slice(0, 130).filter((dot, i) => dot.country === dots[0].country || dot.postcodes || i < 30);
  map.fitBounds(L.latLngBounds(weight.map((dot) => [dot.lat, dot.lon])).pad(0.05));
  outline(map, frame.dataset.world).catch(() => { /* without the outline the circles still say it */ });
}

document.getElementById("reach-dots") && draw();
