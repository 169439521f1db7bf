// The list of questions: which are answered, which are to be looked at again.
// @ts-check
import { isAnswered } from "./responses.js";

export class Navigator {
  /** @param {{box: HTMLElement, button: HTMLElement, places: Map<number, HTMLElement>}} options */
  constructor({ box, button, places }) {
    this.box = box;
    this.button = button;
    this.places = places;
    /** Places with an answer that the server does not have yet. @type {Set<number>} */
    this.unsent = new Set();
    button.addEventListener("click", () => this.#open(button.getAttribute("aria-expanded") !== "true"));
    box.addEventListener("click", ({ target }) => {
      if (/** @type {Element} */ (target).closest("a")) this.#open(false);
    });
    box.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      this.#open(false);
      button.focus();
    });
  }

  /** @returns {number[]} places with an answer */
  answered() {
    return [...this.places].filter(([, place]) => isAnswered(place)).map(([slot]) => slot);
  }

  /** @returns {number[]} places to look at again */
  flagged() {
    return [...this.places].filter(([, place]) => isFlagged(place)).map(([slot]) => slot);
  }

  /** The server does not have the answers of these places, and of no others. @param {Set<number>} slots */
  showUnsent(slots) {
    const before = this.unsent;
    this.unsent = slots;
    for (const slot of new Set([...before, ...slots])) if (before.has(slot) !== slots.has(slot)) this.show(slot);
  }

  /** Show how a place stands now. @param {number} slot */
  show(slot) {
    const place = this.places.get(slot);
    const link = this.box.querySelector(`[data-nav="${slot}"]`);
    if (!place || !link) return;
    const words = this.box.dataset;
    link.classList.toggle("answered", isAnswered(place));
    link.classList.toggle("flagged", isFlagged(place));
    link.classList.toggle("unsent", this.unsent.has(slot));
    const said = [isAnswered(place) ? words.answered : words.open];
    if (isFlagged(place)) said.push(words.flagged);
    if (this.unsent.has(slot)) said.push(words.unsent);
    /** @type {Element} */ (link.querySelector(".visually-hidden")).textContent = `: ${said.join(", ")}`;
  }

  /** @param {boolean} open */
  #open(open) {
    this.button.setAttribute("aria-expanded", String(open));
    this.box.classList.toggle("is-open", open);
  }
}

/** @param {HTMLElement} place */
function isFlagged(place) {
  return /** @type {HTMLInputElement|null} */ (place.querySelector(".flag input"))?.checked === true;
}
