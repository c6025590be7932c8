// Good news leaves by itself; what needs reading or offers an undo stays longer; errors stay until dismissed.
function arm(toast) {
  if (toast.dataset.armed) return;
  toast.dataset.armed = "1";
  if (toast.classList.contains("toast-error")) return;
  const wait = toast.querySelector("form") ? 12000 : 6000;
  let timer = setTimeout(() => toast.remove(), wait);
  toast.addEventListener("mouseenter", () => clearTimeout(timer));
  toast.addEventListener("focusin", () => clearTimeout(timer));
  toast.addEventListener("mouseleave", () => { timer = setTimeout(() => toast.remove(), 3000); });
}

export function startToasts() {
  const region = document.getElementById("toasts");
  if (!region) return;
  const all = () => region.querySelectorAll(".toast-line").forEach(arm);
  new MutationObserver(all).observe(region, { childList: true, subtree: true });
  region.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest(".toast-line").remove();
  });
  document.body.addEventListener("htmx:responseError", (event) => say(event.detail.xhr.status));
  document.body.addEventListener("htmx:sendError", () => say(0));
  all();
}

function say(status) {
  const words = {
    0: "No connection. Nothing was changed; try again when you are back online.",
    403: "Your role may not do this.",
    404: "This is gone, or not yours.",
  };
  toast(words[status] || "This did not work and nothing was changed. Try again in a moment.", "error");
}

export function toast(text, level = "info") {
  const line = document.createElement("div");
  line.className = `toast-line toast-${level}`;
  if (level === "error") line.setAttribute("role", "alert");
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  line.append(words, close);
  document.getElementById("toasts").append(line);
}
