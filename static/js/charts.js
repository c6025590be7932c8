// Draws every [data-chart] figure from the JSON beside it with uPlot: bars from zero, series labelled, colours from the
// tokens so that dark mode and print follow.
const known = new Map();
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#555";
const ORDER = ["blue", "third-party", "partner", "end-customer", "grey"];
const tone = (one, index) => colour((one.tone || ORDER[index]).replaceAll("_", "-"));
const short = (value) => Math.abs(value) >= 1e6 ? `${+(value / 1e6).toFixed(1)}M` : Math.abs(value) >= 1e3 ? `${+(value / 1e3).toFixed(1)}k` : `${value}`;

function axes(data) {
  const line = { stroke: colour("line"), width: 1 };
  const base = { stroke: colour("ink-2"), font: '12px "Inter Variable", sans-serif', grid: line, ticks: { ...line, size: 4 } };
  const x = { ...base, grid: { show: false } };
  if (data.time) {
    x.values = (_, splits) => splits.map((stamp) => new Date(stamp * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" }));
    x.incrs = [1, 2, 7, 14, 28, 91, 182, 364].map((days) => days * 86400);
  } else {
    x.splits = () => data.x.map((_, index) => index);
    x.values = (plot, splits) => splits.map((index) => fit(String(data.x[index] ?? ""), (plot.width - 60) / data.x.length));
  }
  return [x, { ...base, size: 46, values: (_, splits) => splits.map(short) }];
}

function fit(text, width) {
  const most = Math.max(3, Math.floor(width / 7.6));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function series(data) {
  const bars = data.type === "bar";
  const count = data.series.length;
  const paths = (index) => uPlot.paths.bars({ size: [0.7 / count, 60], align: count > 1 ? (index < count / 2 ? -1 : 1) : 0 });
  return [{ label: data.time ? "day" : "" }, ...data.series.map((one, index) => ({
    label: one.label, stroke: tone(one, index), width: bars ? 0 : 2, fill: bars ? tone(one, index) : undefined,
    paths: bars ? paths(index) : undefined, points: alone(one.values), spanGaps: false,
  }))];
}

// A value between two gaps is a line to nowhere: it gets a dot.
function alone(values) {
  const lonely = values.flatMap((value, at) => value != null && values[at - 1] == null && values[at + 1] == null ? [at] : []);
  return { show: lonely.length > 0, size: 7, filter: () => lonely };
}

function draw(figure) {
  const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const box = figure.querySelector(".chart-canvas");
  const xs = data.time ? data.x.map((day) => Date.parse(day) / 1000) : data.x.map((_, index) => index);
  known.get(figure)?.destroy();
  box.replaceChildren();
  const scales = {
    x: { time: Boolean(data.time), ...(data.time ? {} : { range: [-0.6, data.x.length - 0.4] }) },
    y: { range: (_, low, high) => [Math.min(0, low), (high || 1) * 1.08] },
  };
  const plot = new uPlot({
    width: box.clientWidth, height: box.clientHeight, scales, axes: axes(data), series: series(data),
    legend: { show: false }, cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    hooks: { setCursor: [(self) => read(figure, data, self.cursor.idx)] },
    tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), "Etc/UTC"),
  }, [xs, ...data.series.map((one) => one.values)], box);
  known.set(figure, plot);
  key(figure, data);
}

function key(figure, data) {
  figure.querySelector(".chart-key")?.remove();
  const line = document.createElement("div");
  line.className = "chart-key";
  data.series.forEach((one, index) => {
    const item = document.createElement("span");
    item.innerHTML = '<svg aria-hidden="true"><rect width="14" height="8" rx="2"></rect></svg>';
    item.querySelector("rect").setAttribute("fill", tone(one, index));
    const words = document.createElement("span");
    words.textContent = one.label;
    words.dataset.series = index;
    item.append(words);
    line.append(item);
  });
  const at = document.createElement("span");
  at.className = "chart-at";
  line.append(at);
  figure.querySelector(".chart-canvas").after(line);
}

function read(figure, data, index) {
  const words = figure.querySelectorAll("[data-series]");
  data.series.forEach((one, place) => {
    if (words[place]) words[place].textContent = index == null ? one.label : `${one.label} ${one.values[index] ?? "–"}`;
  });
  const at = figure.querySelector(".chart-at");
  if (at) at.textContent = index == null ? "" : data.x[index];
}

const all = (root = document) => root.querySelectorAll("[data-chart]").forEach(draw);
const later = (() => { let timer; return () => { clearTimeout(timer); timer = setTimeout(() => all(), 150); }; })();
if (window.uPlot) {
  all();
  addEventListener("resize", later);
  document.addEventListener("ofx:theme", () => all());
  document.addEventListener("ofx:content", (event) => all(event.detail));
}
