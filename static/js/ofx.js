// The page's own behaviour: small modules, no build, nothing inline.
import { startTheme } from "./parts/theme.js";
import { startKeys } from "./parts/keys.js";
import { startTables } from "./parts/table.js";
import { startPanel } from "./parts/panel.js";
import { startForms } from "./parts/forms.js";
import { startPolls } from "./parts/poll.js";
import { startTimelines } from "./parts/timeline.js";
import { startToasts } from "./parts/toasts.js";
import { startFind } from "./parts/find.js";

startTheme();
startToasts();
startForms();
startPanel();
startTables();
startKeys();
startPolls();
startTimelines();
startFind();

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toggle]");
  if (!button) return;
  const on = document.body.classList.toggle(button.dataset.toggle);
  button.setAttribute("aria-expanded", on);
});
