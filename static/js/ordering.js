// Ordering: the items are put in order in their list, by dragging or with arrows; the fields below follow.
// @ts-check
import { all, onDrag, showHelp, tell } from "./picture.js";
import { WRITTEN } from "./responses.js";

class Ordering {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.list = /** @type {HTMLElement} */ (root.querySelector(".order-items"));
    this.fields = /** @type {HTMLSelectElement[]} */ (all(root, "select"));
    this.says = /** @type {HTMLElement} */ (root.querySelector("[data-order-says]"));
    this.shown = this.items();
    for (const item of this.shown) this.#equip(item);
    this.keep = this.#keepButton();
    root.classList.add("is-live");
    showHelp(root);
    root.closest("[data-slot]")?.addEventListener(WRITTEN, () => this.follow());
    this.follow();
  }

  items() {
    return all(this.list, ".order-item");
  }

  /** Put the list in the order of the fields; what they do not name comes after, as it was shown. */
  follow() {
    const named = this.fields.map((field) => this.shown.find((item) => item.dataset.value === field.value));
    const first = named.filter((item) => item !== undefined);
    this.list.append(...new Set([...first, ...this.shown]));
    this.#show();
  }

  /** Put the fields in the order of the list. */
  #write() {
    const values = this.items().map((item) => item.dataset.value ?? "");
    this.fields.forEach((field, place) => (field.value = values[place]));
    tell(this.fields[0]);
    this.#show();
  }

  #show() {
    const isAnswered = this.fields.some((field) => field.value);
    this.root.classList.toggle("is-answered", isAnswered);
    this.keep.hidden = isAnswered;
    const items = this.items();
    items.forEach((item, place) => {
      /** @type {HTMLElement} */ (item.querySelector(".order-number")).textContent = `${place + 1}.`;
      const [up, down] = all(item, ".order-arrows button");
      up.setAttribute("aria-disabled", String(place === 0));
      down.setAttribute("aria-disabled", String(place === items.length - 1));
    });
  }

  /** @param {HTMLElement} item */
  #equip(item) {
    const grip = document.createElement("span");
    grip.className = "order-grip";
    grip.setAttribute("aria-hidden", "true");
    grip.textContent = "⠿";
    const number = document.createElement("span");
    number.className = "order-number num";
    item.prepend(grip, number);
    const arrows = document.createElement("span");
    arrows.className = "order-arrows";
    arrows.append(this.#arrow(item, "↑", -1, this.root.dataset.up), this.#arrow(item, "↓", 1, this.root.dataset.down));
    item.append(arrows);
    onDrag(grip, {
      onMove: (event) => this.#drag(item, event),
      onDrop: () => this.#moved(item),
      onEnd: () => item.classList.remove("is-dragged"),
    });
  }

  /** @param {HTMLElement} item @param {string} sign @param {-1 | 1} step @param {string | undefined} words */
  #arrow(item, sign, step, words) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", (words ?? "").replace("{name}", item.dataset.name ?? ""));
    button.addEventListener("click", () => {
      const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
      if (!other) return;
      if (step < 0) other.before(item);
      else other.after(item);
      button.focus();
      this.#moved(item);
    });
    return button;
  }

  /** For whom the order is right as it stands. */
  #keepButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-quiet";
    button.textContent = this.root.dataset.keep ?? "";
    button.addEventListener("click", () => this.#write());
    this.list.after(button);
    return button;
  }

  /** @param {HTMLElement} item @param {PointerEvent} event */
  #drag(item, event) {
    item.classList.add("is-dragged");
    const over = this.items().find((other) => {
      const { top, bottom } = other.getBoundingClientRect();
      return other !== item && event.clientY >= top && event.clientY <= bottom;
    });
    if (!over) return;
    // The others move around the item: moved itself, it would lose the pointer.
    const items = this.items();
    const [from, to] = [items.indexOf(item), items.indexOf(over)];
    if (to < from) item.after(...items.slice(to, from));
    else item.before(...items.slice(from + 1, to + 1));
    this.#show();
  }

  /** @param {HTMLElement} item */
  #moved(item) {
    this.#write();
    const items = this.items();
    this.says.textContent = (this.root.dataset.moved ?? "")
      .replace("{name}", item.dataset.name ?? "")
      .replace("{n}", String(items.indexOf(item) + 1))
      .replace("{total}", String(items.length));
  }
}

for (const root of all(document.documentElement, "[data-order]")) new Ordering(root);
