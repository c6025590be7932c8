// <ofx-help provider="…" token-url="…">: help inside a provider's own portal. Own look in a
// shadow root. Text from the server is only ever set as text. See docs/portal.md.
(() => {
  const home = new URL(document.currentScript.src).origin;
  const css = `:host{all:initial;display:block}
.w{--a:var(--ofx-accent,#1d4ed8);--i:#17202e;--m:#4a5567;--l:#c9ced6;color-scheme:light;box-sizing:border-box;font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--i);background:#fff;border:1px solid #e3e6eb;border-radius:12px;padding:20px;max-width:640px;overflow-wrap:anywhere}
.w *{box-sizing:border-box}h2{font-size:20px;line-height:1.3;margin:0 0 8px}h3{font-size:17px;margin:20px 0 8px}h2:focus{outline:none}
p{margin:0 0 12px}.m{color:var(--m);font-size:14px}ul{list-style:none;margin:0;padding:0;display:grid;gap:8px}ol{margin:0 0 12px;padding-left:1.4em}
button,input,select,textarea{font:inherit;color:inherit}
button{min-height:44px;padding:8px 16px;border:1px solid var(--l);border-radius:8px;background:#fff;cursor:pointer}
button:hover{border-color:var(--a)}button:disabled{opacity:.6;cursor:progress}
button.c{width:100%;text-align:left;display:flex;gap:12px;align-items:center;justify-content:space-between;font-weight:600}
button.c small{font-weight:400;color:var(--m);text-align:right}button.c img{width:120px;height:auto}
button.p{background:var(--a);border-color:var(--a);color:#fff}button.t{border:0;padding:8px;color:var(--a);text-decoration:underline;background:none}
input,select,textarea{width:100%;min-height:44px;padding:8px 12px;border:1px solid #626d7e;border-radius:8px;background:#fff}
label{display:block;font-weight:600;margin:12px 0 4px}:focus-visible{outline:3px solid var(--a);outline-offset:2px}
.n{padding:10px 14px;border-radius:8px;background:#e5edfb;margin:0 0 12px}.r{background:#fde7e7;color:#8c1219}
.k{border:1px solid #e3e6eb;border-radius:8px;padding:12px}.acts{display:flex;flex-wrap:wrap;gap:8px;margin-top:16px}
i{display:inline-block;width:10px;height:10px;border-radius:50%;margin-right:8px;background:#8a94a3}.green{background:#1a8f4b}
.amber{background:#d08a1d}.red{background:#cf2b31}img{max-width:100%;border-radius:8px}progress{width:100%;height:8px;accent-color:var(--a)}
.now{font-weight:700}summary{cursor:pointer;font-weight:600;padding:6px 0}`;

  // An element; strings become text, never markup.
  const h = (tag, attrs = {}, ...kids) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attrs)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null && value !== "") node.setAttribute(name, value);
    }
    node.append(...kids.flat(3).filter(Boolean));
    return node;
  };
  const h3 = (text) => h("h3", {}, text);
  const b = (label, onclick, cls) => h("button", { type: "button", class: cls, onclick }, label);
  const list = (kids, cls) => h("ul", {}, kids.map((kid) => h("li", { class: cls }, kid)));
  const lines = (text) => text.split("\n").filter(Boolean).map((one) => h("p", {}, one));
  const picture = (name, alt) => name && h("img", { src: `${home}/static/img/guides/${encodeURIComponent(name)}.svg`, alt: alt || "" });
  const when = (text) => new Date(text).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

  class OfxHelp extends HTMLElement {
    connectedCallback() {
      if (this.box) return;
      const root = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet(); // not a <style>: the page's content policy has no say in it
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
      this.box = h("section", { class: "w", "aria-label": "Help" });
      root.append(this.box);
      this.first(false);
    }

    disconnectedCallback() { clearTimeout(this.timer); }

    async token(fresh) {
      if (this.getAttribute("token")) return this.getAttribute("token");
      if (!this.held || fresh) {
        const answer = await fetch(this.getAttribute("token-url"), { credentials: "same-origin", cache: "no-store" });
        if (!answer.ok) throw { reason: "Sign in again, please." };
        const text = (await answer.text()).trim();
        this.held = text.startsWith("{") ? JSON.parse(text).token : text;
      }
      return this.held;
    }

    async ask(path, body, again) {
      const provider = encodeURIComponent(this.getAttribute("provider"));
      const answer = await fetch(`${home}/api/v1/widget/${provider}/${path}`, {
        method: body ? "POST" : "GET",
        headers: { Authorization: `Bearer ${await this.token(again)}`, ...(body && { "Content-Type": "application/json" }) },
        body: body && JSON.stringify(body),
      });
      if (answer.status === 401 && !again && this.getAttribute("token-url")) return this.ask(path, body, true);
      const said = await answer.json().catch(() => ({}));
      if (!answer.ok) throw { ...said, status: answer.status };
      return said;
    }

    // Buttons rest meanwhile; what goes wrong is said, with a way on.
    async work(doing, retry) {
      if (this.busy) return;
      this.busy = true;
      this.turn = (this.turn || 0) + 1;
      clearTimeout(this.timer);
      this.box.setAttribute("aria-busy", "true");
      for (const one of this.box.querySelectorAll("button")) one.disabled = true;
      try {
        await doing();
      } catch (error) {
        this.wrong(error || {}, retry || (() => this.first()));
      } finally {
        this.busy = false;
        this.box.removeAttribute("aria-busy");
        for (const one of this.box.querySelectorAll("button")) one.disabled = false;
      }
    }

    wrong(error, retry) {
      const said = error.fields ? Object.values(error.fields).flat().join(" ") : error.reason;
      const note = h("div", { class: "n r", role: "alert" }, said || "We could not be reached. Try again.");
      for (const old of this.box.querySelectorAll("[role=alert]")) old.remove();
      if (error.fields && this.box.childElementCount) return this.box.prepend(note);
      return this.show("Help", [note, b("Try again", retry, "p")]);
    }

    show(title, parts, focus = true) {
      const head = h("h2", { tabindex: "-1" }, title);
      this.box.replaceChildren(...[head, ...parts].flat(3).filter(Boolean));
      if (focus) head.focus();
    }

    back(label = "Back to help") { return b(label, () => this.first(), "t"); }

    first(focus = true) {
      return this.work(async () => {
        const data = await this.ask("start/");
        const found = h("div"), status = h("p", { class: "m", role: "status" });
        const search = h("input", { type: "search", id: "q", maxlength: "200", autocomplete: "off", oninput: () => this.search(search.value, found, status) });
        const open = data.tickets.filter((one) => one.open);
        const over = data.tickets.filter((one) => !one.open);
        this.show("How can we help?", [
          data.preview && h("p", { class: "n" }, "Preview: nothing is tested, reported or counted."),
          open.length && [h3("Your faults"), this.faults(open)],
          h("label", { for: "q" }, "What goes wrong?"), search, status, found,
          h3("Report a problem"),
          data.services.length ? list(data.services.map((one) => b([h("span", {}, h("i", { class: one.tone }), one.place), h("small", {}, one.says)], () => this.what(one), "c")))
            : this.complaints(null, data.complaints),
          over.length && h("details", {}, h("summary", {}, "Earlier faults"), this.faults(over)),
        ], focus);
      }, () => this.first());
    }

    faults(rows) {
      return list(rows.map((one) => b([one.title, h("small", {}, one.says)], () => this.fault(one.reference), "c")));
    }

    search(text, found, status) {
      clearTimeout(this.pause);
      this.pause = setTimeout(async () => {
        if (text.trim().length < 3) { found.replaceChildren(); status.textContent = ""; return; }
        try {
          const { results } = await this.ask(`known-errors/?limit=3&q=${encodeURIComponent(text)}`);
          status.textContent = results.length ? `${results.length} that may help` : "Nothing known yet. Report it below.";
          found.replaceChildren(list(results.map((one) => h("details", {}, h("summary", {}, one.title), lines(one.advice))), "k"));
        } catch (error) { status.textContent = error.reason || "The search does not answer just now."; }
      }, 350);
    }

    what(service) {
      this.show("What is wrong?", [h("p", { class: "m" }, service.place), service.detail && h("p", { class: "n" }, service.detail), this.complaints(service, service.complaints), h("div", { class: "acts" }, this.back())]);
    }

    complaints(service, rows) {
      return list(rows.map((one) => b(one.words, () => this.begin(service, one.fault_class), "c")));
    }

    begin(service, kind) {
      return this.work(async () => this.step(await this.ask("runs/", { fault_class: kind, ...(service && { service: service.reference }) })));
    }

    send(run, name, body = {}) {
      return this.work(async () => this.step(await this.ask(`runs/${run.token}/${name}/`, body)), () => this.look(run));
    }

    look(run) { return this.work(async () => this.step(await this.ask(`runs/${run.token}/`)), () => this.look(run)); }

    // While a test runs: look again quietly; what the person does meanwhile goes first.
    poll(run) {
      const turn = this.turn;
      this.timer = setTimeout(async () => {
        const next = await this.ask(`runs/${run.token}/`).catch(() => run);
        if (turn !== this.turn) return;
        if (next.screen && next.screen.position === run.screen.position) this.poll(run);
        else this.step(next);
      }, 3000);
    }

    step(run) {
      const s = run.screen;
      if (!s) return this.done(run);
      if (s.kind === "busy") this.poll(run);
      const answer = (value) => this.send(run, "answer", { position: s.position, value });
      const typed = h("input", { id: "v", type: s.answer === "date" ? "date" : "text", inputmode: s.answer === "number" ? "decimal" : null, value: s.before, maxlength: "500" });
      const asks = s.kind === "question" && !s.choices.length;
      const fields = s.kind === "raise" ? s.fields.map((one) => this.field(one)) : [];
      const form = (asks || s.kind === "raise") && h("form", { novalidate: true, onsubmit: (event) => {
        event.preventDefault();
        if (asks) answer(typed.value);
        else this.send(run, "answer", { position: s.position, fields: Object.fromEntries(new FormData(event.target)) });
      } }, asks && [h("label", { for: "v" }, s.optional ? "Your answer (optional)" : "Your answer"), typed], fields, h("p", {}), h("button", { class: "p" }, asks ? "Next" : "Send the report"));
      return this.show(s.title, [
        h("progress", { value: s.done, max: s.total, "aria-label": "Progress" }),
        s.news.map((one) => h("p", { class: "n" }, one)),
        picture(s.picture, s.alt), lines(s.text),
        s.steps.length && h("ol", {}, s.steps.map((one) => h("li", {}, one))),
        s.kind === "busy" && h("p", { role: "status" }, "We are testing. This goes on by itself."),
        s.hints.length && list(s.hints.map((one) => h("div", { class: "k" }, h3(one.title), lines(one.summary || ""), b(`This helped: ${one.title}`, () => answer(`worked:${one.pk}`), "p")))),
        s.choices.length && list(s.choices.map((one) => b([one.label, picture(one.picture, one.alt), one.value === s.before && h("small", {}, "your answer before")], () => answer(one.value), "c"))),
        form,
        h("div", { class: "acts" },
          s.can_back && b("Back", () => this.send(run, "back")),
          b("It works again", () => this.send(run, "fixed")),
          s.kind !== "raise" && b("Report it now instead", () => this.send(run, "report")),
          this.back("Leave")),
      ]);
    }

    field(one) {
      const common = { id: `f-${one.name}`, name: one.name };
      const made = one.kind === "yes_no" ? h("select", common, [["", "Choose"], ["yes", "Yes"], ["no", "No"]].map(([value, label]) => h("option", { value, selected: value !== "" && value === one.value }, label)))
        : one.kind === "words" ? h("textarea", { ...common, rows: "3" }, one.value)
          : h("input", { ...common, type: { date: "date", tel: "tel" }[one.kind] || "text", value: one.value, maxlength: "500" });
      return [h("label", { for: common.id }, one.label), one.hint && h("p", { class: "m" }, one.hint), made];
    }

    done(run) {
      const said = {
        fixed: ["It works again", "If it comes back, report it here: we then see what was done already."],
        informed: ["We keep you informed", "You need not do anything. You see here when it is over."],
        escalated: run.ticket ? ["Your report is with us", "We have the test and all that you told us. Nobody asks you again."] : ["Here a report would be sent", "The preview sends none."],
      }[run.state] || ["The guide ends here", "If it does not work yet, report it: everything that you told us is kept."];
      this.show(said[0], [h("p", {}, said[1]), run.ticket && h("p", {}, "Its number is ", h("strong", {}, run.ticket), "."), h("div", { class: "acts" },
        run.ticket && b("See how it stands", () => this.fault(run.ticket), "p"), this.back())]);
    }

    fault(reference) {
      const path = `tickets/${encodeURIComponent(reference)}/`;
      const draw = (one) => {
        const text = h("textarea", { id: "m", rows: "3", maxlength: "4000" });
        const say = (act) => this.work(async () => draw(await this.ask(path, { act, text: text.value })), () => this.fault(reference));
        this.show(one.title, [
          h("p", {}, h("strong", {}, one.says), " ", one.detail), one.news && h("p", {}, one.news),
          h("ol", {}, one.steps.map((step) => h("li", { class: step.state, "aria-current": step.state === "now" && "step" }, step.label))),
          one.question && h("p", { class: "n" }, one.question),
          one.open && [h("label", { for: "m" }, one.need === "answer" ? "Your answer" : one.need === "check" ? "What still does not work?" : "Tell us something"), text,
            h("div", { class: "acts" }, one.need === "check"
              ? [b("It works again", () => say("works"), "p"), b("It still does not work", () => say("still"))]
              : b("Send", () => say("write"), one.need && "p"))],
          h3("What happened"),
          list(one.story.map((line) => [h("span", { class: "m" }, [when(line.at), line.who].filter(Boolean).join(" · ")), h("br"), line.text])),
          h("div", { class: "acts" }, this.back()),
        ]);
      };
      return this.work(async () => draw(await this.ask(path)), () => this.fault(reference));
    }
  }
  if (!customElements.get("ofx-help")) customElements.define("ofx-help", OfxHelp);
})();
