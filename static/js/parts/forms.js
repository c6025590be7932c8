// One click, one request: buttons rest while their form is under way. `data-confirm` asks first.
import { announce } from "./announce.js";

const asked = new WeakSet();

function busy(form, submitter) {
  const buttons = form.querySelectorAll("button:not([type=button]), input[type=submit]");
  buttons.forEach((button) => { button.disabled = true; });
  form.setAttribute("aria-busy", "true");
  if (submitter && submitter.tagName === "BUTTON" && !submitter.querySelector(".spinner-border")) {
    submitter.prepend(document.getElementById("busy-spinner").content.cloneNode(true));
  }
}

function rest(form) {
  form.removeAttribute("aria-busy");
  form.querySelectorAll("button:not([type=button]), input[type=submit]").forEach((button) => {
    button.disabled = false;
    button.querySelectorAll(":scope > .spinner-border").forEach((spinner) => spinner.remove());
  });
}

function ask(form, submitter, text) {
  const dialog = document.getElementById("confirm");
  document.getElementById("confirm-text").textContent = text;
  const source = submitter || form;
  document.getElementById("confirm-yes").textContent = source.dataset.confirmYes || (submitter && submitter.textContent.trim()) || "Yes";
  dialog.returnValue = "";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "yes") return;
    asked.add(form);
    form.requestSubmit(submitter || undefined);
  }, { once: true });
  dialog.showModal();
}

export function startForms() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const submitter = event.submitter;
    const text = (submitter && submitter.dataset.confirm) || form.dataset.confirm;
    if (text && !asked.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(form, submitter, text);
      return;
    }
    asked.delete(form);
    if (form.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const way = (submitter && submitter.getAttribute("formmethod")) || form.method;
    if (way === "post" && !form.hasAttribute("data-no-busy") && form.method !== "dialog") setTimeout(() => { if (!event.defaultPrevented || form.matches("[hx-post]")) busy(form, submitter); }, 0);
  }, true);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest && event.target.closest("form[aria-busy]");
    if (form) rest(form);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(rest));
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    announce("Copied");
    button.lastChild.textContent = "Copied";
  });
  const summary = document.querySelector(".form-summary[tabindex]");
  if (summary) summary.focus();
}
