// In the head and not deferred: the chosen colours must be there before the first paint.
(function () {
  var choice = null;
  try { choice = localStorage.getItem("ofx-theme"); } catch (error) { /* storage may be off */ }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-bs-theme", dark ? "dark" : "light");
})();
