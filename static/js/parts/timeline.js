// What a reader chose in a timeline, kept when a live part brings a new one.
export function chosen(box) {
  const chip = box.querySelector("button[data-kind][aria-pressed=true]");
  return { kind: chip ? chip.dataset.kind : "", all: box.dataset.all || "" };
}

export function choose(box, choice) {
  if (!choice) return;
  box.dataset.all = choice.all;
  show(box, choice.kind);
}

function show(box, kind) {
  const all = box.dataset.all === "1";
  box.querySelectorAll(".timeline-entry").forEach((entry) => {
    entry.hidden = kind ? entry.dataset.kind !== kind : entry.hasAttribute("data-late") && !all;
  });
  box.querySelectorAll("button[data-kind]").forEach((chip) => chip.setAttribute("aria-pressed", chip.dataset.kind === kind));
  const more = box.querySelector("[data-show-all]");
  if (more) more.hidden = Boolean(kind) || all;
}

export function startTimelines() {
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-timeline]");
    if (!box) return;
    const chip = event.target.closest("button[data-kind]");
    if (chip) show(box, chip.dataset.kind);
    if (event.target.closest("[data-show-all]")) { box.dataset.all = "1"; show(box, ""); }
  });
}
