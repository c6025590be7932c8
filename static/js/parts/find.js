// The global search box: arrow keys walk through the suggestions that htmx put below it.
export function startFind() {
  const box = document.getElementById("find");
  const list = document.getElementById("find-list");
  if (!box || !list) return;
  const links = () => [...list.querySelectorAll("a")];
  const open = (on) => { list.classList.toggle("open", on); box.setAttribute("aria-expanded", on); };
  list.addEventListener("htmx:afterSwap", () => open(list.textContent.trim() !== "" && document.activeElement === box));
  box.addEventListener("focus", () => open(list.textContent.trim() !== ""));
  box.form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { open(false); box.focus(); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !links().length) return;
    event.preventDefault();
    const stops = [box, ...links()];
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  });
  document.addEventListener("click", (event) => { if (!box.form.contains(event.target)) open(false); });
}
