// Dragging onto a picture: items go to zones by pointer or by two taps, and the lists below say the same.
// @ts-check
import { all, onDrag, Picture, showHelp, tell } from "./picture.js";
import { WRITTEN } from "./responses.js";

class DragImage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.box = /** @type {HTMLElement} */ (root.querySelector("[data-picture]"));
    this.items = all(root, "[data-item]");
    this.rows = all(root, "[data-zone]");
    /** @type {HTMLElement | undefined} */
    this.picked = undefined;
    const picture = new Picture(this.box);
    this.zones = this.rows.map((row) => this.#zone(row, picture));
    for (const item of this.items) this.#enhance(item);
    /** @type {HTMLElement} */ (root.querySelector("[data-items]")).hidden = false;
    root.querySelector(".picture-layer")?.remove();
    showHelp(root);
    root.addEventListener("input", ({ target }) => this.#clearOthers(/** @type {HTMLSelectElement} */ (target)));
    root.addEventListener("change", () => this.show());
    root.closest("[data-slot]")?.addEventListener(WRITTEN, () => this.show());
    this.show();
  }

  /** A place on the picture; the list is what keyboards and screen readers use. @param {HTMLElement} row @param {Picture} picture */
  #zone(row, picture) {
    const zone = document.createElement("div");
    zone.className = "drop-zone";
    zone.setAttribute("aria-hidden", "true");
    picture.put(zone, { x: Number(row.dataset.x), y: Number(row.dataset.y) });
    zone.addEventListener("click", () => (this.picked ? this.#place(row, this.picked) : this.#place(row, undefined)));
    onDrag(zone, {
      onMove: (event) => this.#drag(this.#itemIn(row), event),
      onDrop: (event) => {
        const item = this.#itemIn(row);
        const target = this.#rowAt(event);
        if (!item || target === row) return;
        this.#place(row, undefined);
        if (target) this.#place(target, item);
      },
      onEnd: () => this.#drop(),
    });
    this.box.append(zone);
    return zone;
  }

  /** @param {HTMLElement} item */
  #enhance(item) {
    item.classList.add("is-draggable");
    item.addEventListener("click", () => this.#pick(this.picked === item ? undefined : item));
    onDrag(item, {
      onMove: (event) => this.#drag(item, event),
      onDrop: (event) => {
        const row = this.#rowAt(event);
        if (row) this.#place(row, item);
      },
      onEnd: () => this.#drop(),
    });
  }

  /** @param {HTMLElement | undefined} item */
  #pick(item) {
    this.picked = item;
    for (const other of this.items) other.classList.toggle("is-picked", other === item);
    this.rows.forEach((row, index) => this.zones[index].classList.toggle("is-open", row.dataset.group === item?.dataset.group));
  }

  /** @param {HTMLElement | undefined} item @param {PointerEvent} event */
  #drag(item, event) {
    if (!item) return;
    if (!this.ghost) {
      this.ghost = /** @type {HTMLElement} */ (item.cloneNode(true));
      this.ghost.classList.add("drag-ghost");
      this.root.append(this.ghost);
      this.#pick(item);
    }
    this.ghost.style.left = `${event.clientX}px`;
    this.ghost.style.top = `${event.clientY}px`;
    const over = this.#rowAt(event);
    this.rows.forEach((row, index) => this.zones[index].classList.toggle("is-over", row === over));
  }

  #drop() {
    this.ghost?.remove();
    this.ghost = undefined;
    for (const zone of this.zones) zone.classList.remove("is-over");
    this.#pick(undefined);
  }

  /** The row of the zone under a pointer, the nearest one of a crowd. @param {PointerEvent} event */
  #rowAt(event) {
    let nearest = 56;
    /** @type {HTMLElement | undefined} */
    let found;
    this.zones.forEach((zone, index) => {
      const area = zone.getBoundingClientRect();
      const far = Math.hypot(
        Math.max(area.left - event.clientX, 0, event.clientX - area.right),
        Math.max(area.top - event.clientY, 0, event.clientY - area.bottom),
      );
      if (far < nearest && this.rows[index].dataset.group === this.picked?.dataset.group) [nearest, found] = [far, this.rows[index]];
    });
    return found;
  }

  /** @param {HTMLElement} row @param {HTMLElement | undefined} item */
  #place(row, item) {
    this.#pick(undefined);
    if (item && item.dataset.group !== row.dataset.group) return;
    selectOf(row).value = item?.dataset.item ?? "";
    tell(selectOf(row));
  }

  /** An item that may be used once leaves the place where it was. @param {HTMLSelectElement} chosen */
  #clearOthers(chosen) {
    const item = this.items.find((one) => one.dataset.item === chosen.value);
    if (!item || item.dataset.reusable !== undefined) return;
    for (const row of this.rows) {
      const other = selectOf(row);
      if (other !== chosen && other.value === chosen.value) other.value = "";
    }
  }

  /** @param {HTMLElement} row */
  #itemIn(row) {
    return this.items.find((item) => item.dataset.item === selectOf(row).value);
  }

  /** The picture as the lists say. */
  show() {
    const used = new Set(this.rows.map((row) => selectOf(row).value));
    for (const item of this.items) item.classList.toggle("is-used", used.has(item.dataset.item ?? "") && item.dataset.reusable === undefined);
    this.rows.forEach((row, index) => {
      const [zone, item] = [this.zones[index], this.#itemIn(row)];
      zone.classList.toggle("is-filled", Boolean(item));
      const number = document.createElement("span");
      number.className = "marker-number";
      number.textContent = row.dataset.number ?? "";
      zone.replaceChildren(number, ...(item ? [...item.childNodes].map((node) => node.cloneNode(true)) : []));
    });
  }
}

/** @param {HTMLElement} row @returns {HTMLSelectElement} */
const selectOf = (row) => /** @type {HTMLSelectElement} */ (row.querySelector("select"));

for (const root of all(document.body, "[data-drag-image]")) new DragImage(root);
