// How many words an essay has, while it is written.
// @ts-check
import { WRITTEN } from "./responses.js";

/** @param {HTMLElement} count */
function equip(count) {
  const area = /** @type {HTMLTextAreaElement | null | undefined} */ (count.parentElement?.querySelector("textarea"));
  if (!area) return;
  const { words = "", few = "", many = "", least, most } = count.dataset;
  const show = () => {
    const written = area.value === area.dataset.blank ? "" : area.value.trim();
    const n = written ? written.split(/\s+/).length : 0;
    const isFew = least !== undefined && n < Number(least);
    const isMany = most !== undefined && n > Number(most);
    const lacking = isFew ? Number(least) - n : isMany ? n - Number(most) : 0;
    count.textContent = (isFew ? few : isMany ? many : words).replace("{n}", String(n)).replace("{d}", String(lacking));
    count.classList.toggle("is-off", n > 0 && (isFew || isMany));
  };
  area.addEventListener("input", show);
  area.closest("[data-slot]")?.addEventListener(WRITTEN, show);
  count.hidden = false;
  show();
}

for (const count of document.querySelectorAll(".word-count")) equip(/** @type {HTMLElement} */ (count));
