// Two devices answered the same question differently: the candidate sees both answers in words and chooses.
// @ts-check
import { writeResponse } from "./responses.js";

/** @typedef {import("./responses.js").Response} Response */
/** @typedef {{slot: number, number: number, place: HTMLElement, mine: Response, other: Response}} Difference */

/**
 * Ask about each; resolves with the slots where the other device's answer is to count.
 * @param {HTMLDialogElement} dialog @param {Difference[]} differences
 * @returns {Promise<Set<number>>}
 */
export function chooseBetween(dialog, differences) {
  const list = /** @type {HTMLElement} */ (dialog.querySelector("[data-list]"));
  const words = list.dataset;
  list.replaceChildren(
    ...differences.map(({ slot, number, place, mine, other }) => {
      const group = document.createElement("fieldset");
      const legend = document.createElement("legend");
      legend.textContent = (words.question ?? "").replace("{n}", String(number));
      group.append(legend, choice(slot, "mine", words.here ?? "", inWords(place, mine) || (words.nothing ?? ""), true));
      group.append(choice(slot, "other", words.there ?? "", inWords(place, other) || (words.nothing ?? ""), false));
      return group;
    }),
  );
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    const button = /** @type {HTMLElement} */ (dialog.querySelector("[data-done]"));
    button.addEventListener(
      "click",
      () => {
        const others = /** @type {NodeListOf<HTMLInputElement>} */ (list.querySelectorAll('input[value="other"]:checked'));
        dialog.close();
        resolve(new Set([...others].map((input) => Number(input.dataset.of))));
      },
      { once: true },
    );
  });
}

/** @param {number} slot @param {string} value @param {string} whose @param {string} text @param {boolean} isChosen */
function choice(slot, value, whose, text, isChosen) {
  const label = document.createElement("label");
  label.className = "choice";
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: `choose-${slot}`, value, checked: isChosen });
  input.dataset.of = String(slot);
  const words = document.createElement("span");
  words.className = "choice-text";
  const strong = document.createElement("strong");
  strong.textContent = `${whose} `;
  words.append(strong, text);
  label.append(input, words);
  return label;
}

/** A response as a person reads it. @param {HTMLElement} place @param {Response} response @returns {string} */
export function inWords(place, response) {
  const copy = /** @type {HTMLElement} */ (place.cloneNode(true));
  writeResponse(copy, response);
  const controls = /** @type {NodeListOf<HTMLInputElement & HTMLSelectElement>} */ (copy.querySelectorAll(".answer [data-answer]"));
  const said = [];
  for (const control of controls) {
    const label = control.closest("label") ?? copy.querySelector(`label[for="${CSS.escape(control.id)}"]`);
    if (["radio", "checkbox"].includes(control.type)) {
      if (control.checked) said.push(textOf(label) || control.value);
    } else if (control.tagName === "SELECT") {
      const option = control.selectedOptions[0];
      if (option?.value) said.push(textOf(option));
    } else if (control.value.trim()) said.push(control.value.trim());
  }
  return said.join(" · ");
}

/** @param {Element|null} element */
const textOf = (element) => (element?.textContent ?? "").replace(/\s+/g, " ").trim();
