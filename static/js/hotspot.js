// Regions of a picture: a tap on one ticks it in the list, and the picture shows what the list says.
// @ts-check
import { all, showHelp, tell } from "./picture.js";
import { WRITTEN } from "./responses.js";

/** @param {HTMLElement} root */
function enhance(root) {
  const fields = /** @type {HTMLInputElement[]} */ (all(root, "input"));
  const regions = /** @type {SVGElement[]} */ ([...root.querySelectorAll("[data-spot]")]);
  const show = () => {
    for (const region of regions) region.classList.toggle("is-chosen", fields.some((field) => field.checked && field.value === region.dataset.spot));
  };
  for (const region of regions) {
    region.addEventListener("click", () => {
      const field = fields.find(({ value }) => value === region.dataset.spot);
      if (!field) return;
      field.checked = field.type === "radio" || !field.checked;
      tell(field);
    });
  }
  root.addEventListener("change", show);
  root.closest("[data-slot]")?.addEventListener(WRITTEN, show);
  root.classList.add("is-live");
  showHelp(root);
  show();
}

all(document.body, "[data-hotspot]").forEach(enhance);
