/* The choice of light or dark.  It runs before the page is drawn, so nothing flickers; without it
   the page follows the system's preference. */
(() => {
  "use strict";
  const KEY = "sovereign-registry-theme";
  const ORDER = ["auto", "light", "dark"];
  const WORDS = { auto: "as the system", light: "light", dark: "dark" };
  const root = document.documentElement;
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    /* Storage is switched off: the choice lasts as long as the page. */
  }
  let theme = ORDER.includes(kept) ? kept : "auto";
  const show = () => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
  };
  show();
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    const name = () => {
      button.textContent = `Theme: ${WORDS[theme]}`;
    };
    name();
    button.hidden = false;
    button.addEventListener("click", () => {
      theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
      show();
      name();
      try {
        if (theme === "auto") localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, theme);
      } catch {
        /* As above. */
      }
    });
  });
})();
