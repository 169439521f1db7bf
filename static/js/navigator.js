// The list of questions: which are answered, which are to be looked at again.
// @ts-check
import { isAnswered } from "./responses.js";

export class Navigator {
  /** @param {{box: HTMLElement, button: HTMLElement, places: Map<number, HTMLElement>}} options */
  constructor({ box, button, places }) {
    this.box = box;
    this.button = button;
    this.places = places;
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

  /** Show how a place stands now. @param {number} slot */
  show(slot) {
    const place = this.places.get(slot);
    const link = this.box.querySelector(`[data-nav="${slot}"]`);
    if (!place || !link) return;
    const words = this.box.dataset;
    link.classList.toggle("answered", isAnswered(place));
    link.classList.toggle("flagged", isFlagged(place));
    const said = [isAnswered(place) ? words.answered : words.open, ...(isFlagged(place) ? [words.flagged] : [])];
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
