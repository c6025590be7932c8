// Live parts: <div data-poll="/url" data-poll-seconds="3" id="…">. Updates in place only when something changed, keeps
// focus and open details, waits while someone types in it, rests while the page is hidden, backs off when it fails.
// The answer 286 ends it. What is announced: the [data-announce] text, when it changed.
import { announce } from "./announce.js";
import { put, split } from "./place.js";
import { chosen, choose } from "./timeline.js";

const LONGEST = 60000;

class Poll {
  constructor(box) {
    this.box = box;
    this.every = Math.max(1, Number(box.dataset.pollSeconds || 5)) * 1000;
    this.wait = this.every;
    this.last = null;
    this.plan();
  }

  plan() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), this.wait);
  }

  async ask() {
    if (!this.box.isConnected) return;
    if (document.hidden || this.inUse()) { this.plan(); return; }
    try {
      const answer = await fetch(this.box.dataset.poll, { headers: { "HX-Request": "true", "HX-Target": this.box.id }, credentials: "same-origin", redirect: "error" });
      const text = split(await answer.text());
      if (!answer.ok) throw new Error(answer.status);
      this.wait = this.every;
      this.box.removeAttribute("data-stale");
      if (this.inUse()) { this.plan(); return; } // somebody began to write meanwhile
      if (text !== this.last) this.put(text);
      if (answer.status === 286) return;
    } catch {
      this.wait = Math.min(LONGEST, this.wait * 2);
      this.box.setAttribute("data-stale", "");
    }
    this.plan();
  }

  inUse() {
    const at = document.activeElement;
    const writes = this.box.contains(at) && at.matches("input, textarea, select");
    const marked = !getSelection().isCollapsed && this.box.contains(getSelection().anchorNode);
    return writes || marked || this.box.querySelector(".dropdown-menu.show, form[aria-busy]");
  }

  put(text) {
    const first = this.last === null;
    const before = this.words();
    const at = this.box.contains(document.activeElement) ? document.activeElement.id : "";
    const open = new Set([...this.box.querySelectorAll("details[open][id]")].map((one) => one.id));
    const kinds = [...this.box.querySelectorAll("[data-timeline]")].map(chosen);
    this.last = text;
    put(this.box, text);
    this.box.querySelectorAll("[data-timeline]").forEach((line, place) => choose(line, kinds[place]));
    open.forEach((id) => { const one = document.getElementById(id); if (one) one.open = true; });
    if (at && document.getElementById(at)) document.getElementById(at).focus({ preventScroll: true });
    if (this.words() !== before) {
      announce(this.words());
      if (!first) this.flash();
    }
  }

  words() {
    const part = this.box.querySelector("[data-announce]");
    return part ? part.textContent.trim().replace(/\s+/g, " ") : "";
  }

  flash() {
    this.box.classList.remove("fresh");
    requestAnimationFrame(() => this.box.classList.add("fresh"));
  }
}

const known = new WeakMap();
const find = (root) => root.querySelectorAll("[data-poll]").forEach((box) => { if (!known.has(box)) known.set(box, new Poll(box)); });

export function startPolls() {
  find(document);
  document.addEventListener("ofx:content", (event) => find(event.detail));
  document.body.addEventListener("htmx:load", (event) => find(event.target));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.querySelectorAll("[data-poll]").forEach((box) => { const poll = known.get(box); if (poll) { poll.wait = poll.every; poll.ask(); } });
  });
}
