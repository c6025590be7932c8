// Puts an answer's HTML into a box; toasts that came with it go where toasts live. Returns the HTML without them.
export function split(text) {
  const draft = document.createElement("template");
  draft.innerHTML = text;
  const toasts = draft.content.querySelectorAll("#toasts[hx-swap-oob]");
  if (!toasts.length) return text;
  for (const one of toasts) {
    document.getElementById("toasts").append(...one.children);
    one.remove();
  }
  return draft.innerHTML;
}

export function put(box, html) {
  box.innerHTML = html;
  if (window.htmx) window.htmx.process(box);
  document.dispatchEvent(new CustomEvent("ofx:content", { detail: box }));
}
