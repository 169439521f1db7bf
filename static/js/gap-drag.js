// Words to drag into gaps: by pointer, or a tap on the word and one on the gap. The list of each gap says the same.
// @ts-check
import { all, onDrag, tell } from "./picture.js";
import { WRITTEN } from "./responses.js";

class GapDrag {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.gaps = /** @type {HTMLSelectElement[]} */ (all(root, "select"));
    this.words = all(root, ".word");
    /** @type {HTMLElement | undefined} */
    this.picked = undefined;
    for (const word of this.words) this.#equip(word);
    for (const gap of this.gaps) {
      gap.addEventListener("pointerdown", (event) => {
        if (!this.picked || !this.#fits(this.picked, gap)) return;
        event.preventDefault(); // the list stays closed
        this.#put(this.picked, gap);
      });
      // A word that may be used once leaves the gap where it was.
      gap.addEventListener("change", () => this.#clearOthers(gap));
    }
    root.classList.add("has-drag");
    root.closest("[data-slot]")?.addEventListener(WRITTEN, () => this.show());
    this.show();
  }

  show() {
    for (const word of this.words) {
      const isUsed = !("reusable" in word.dataset) && this.gaps.some((gap) => gap.value === word.dataset.value);
      word.classList.toggle("is-used", isUsed);
      word.classList.toggle("is-picked", word === this.picked);
    }
    for (const gap of this.gaps) gap.classList.toggle("is-target", this.picked !== undefined && this.#fits(this.picked, gap));
  }

  /** @param {HTMLElement} word @param {HTMLSelectElement} gap */
  #fits(word, gap) {
    return gap.dataset.group === /** @type {HTMLElement} */ (word.parentElement).dataset.group;
  }

  /** @param {HTMLElement} word */
  #equip(word) {
    /** @type {PointerEvent | undefined} */
    let start;
    word.addEventListener("pointerdown", (event) => (start = event));
    word.addEventListener("click", () => {
      this.picked = this.picked === word ? undefined : word;
      this.show();
    });
    onDrag(word, {
      onMove: (event) => {
        word.classList.add("is-dragged");
        word.style.translate = `${event.clientX - (start?.clientX ?? 0)}px ${event.clientY - (start?.clientY ?? 0)}px`;
        const over = this.#gapAt(event, word);
        for (const gap of this.gaps) gap.classList.toggle("is-target", gap === over);
      },
      onDrop: (event) => {
        const gap = this.#gapAt(event, word);
        if (gap) this.#put(word, gap);
      },
      onEnd: () => {
        word.classList.remove("is-dragged");
        word.style.translate = "";
        this.picked = undefined;
        this.show();
      },
    });
  }

  /** The gap under the pointer, with some room around it. @param {PointerEvent} event @param {HTMLElement} word */
  #gapAt({ clientX, clientY }, word) {
    const room = 12;
    return this.gaps.find((gap) => {
      const { left, right, top, bottom } = gap.getBoundingClientRect();
      const isOver = clientX >= left - room && clientX <= right + room && clientY >= top - room && clientY <= bottom + room;
      return isOver && this.#fits(word, gap);
    });
  }

  /** @param {HTMLElement} word @param {HTMLSelectElement} gap */
  #put(word, gap) {
    gap.value = word.dataset.value ?? "";
    this.picked = undefined;
    tell(gap);
  }

  /** @param {HTMLSelectElement} gap */
  #clearOthers(gap) {
    const word = this.words.find(({ dataset }) => dataset.value === gap.value);
    const others = this.gaps.filter((other) => other !== gap && gap.value && other.value === gap.value);
    if (word && !("reusable" in word.dataset)) for (const other of others) other.value = "";
    if (others.length) gap.dispatchEvent(new Event("input", { bubbles: true }));
    this.show();
  }
}

for (const root of all(document.documentElement, "[data-gaps]")) new GapDrag(root);
