// Marking a picture: markers are put by tap, moved by pointer or arrow keys; the number fields below say the same.
// @ts-check
import { all, onDrag, Picture, showHelp, tell } from "./picture.js";
import { WRITTEN } from "./responses.js";

/** @typedef {import("./picture.js").Point} Point */
/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class MarkImage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.box = /** @type {HTMLElement} */ (root.querySelector("[data-picture]"));
    this.picture = new Picture(this.box);
    this.words = /** @type {HTMLElement} */ (root.querySelector("[data-pin]")).dataset.pin ?? "";
    this.markers = all(root, "[data-marker]");
    /** @type {Map<HTMLElement, HTMLButtonElement>} */
    this.pins = new Map();
    /** @type {HTMLElement | undefined} */
    this.active = undefined;
    for (const marker of this.markers) {
      const button = buttonOf(marker);
      button.hidden = false;
      button.addEventListener("click", (event) => this.#choose(marker, event.detail === 0));
    }
    root.querySelector("[data-shown]")?.remove();
    this.box.classList.add("is-marked");
    this.box.addEventListener("click", (event) => {
      if (this.active && !(/** @type {Element} */ (event.target).closest(".pin"))) this.#put(this.active, this.picture.pointAt(event));
    });
    root.addEventListener("input", ({ target }) => this.#typed(/** @type {HTMLElement} */ (target)));
    root.closest("[data-slot]")?.addEventListener(WRITTEN, () => this.#restored());
    showHelp(root);
    for (const row of all(root, "[data-point]")) this.#show(row);
  }

  /** Make a marker the one that is put next; by keyboard it lies in the middle at once, to be moved from there. @param {HTMLElement} marker @param {boolean} byKeyboard */
  #choose(marker, byKeyboard) {
    this.#activate(this.active === marker ? undefined : marker);
    if (!byKeyboard) return;
    const row = this.#put(marker, this.picture.within({ x: this.picture.width / 2, y: this.picture.height / 2 }));
    this.pins.get(row)?.focus();
  }

  /** @param {HTMLElement | undefined} marker */
  #activate(marker) {
    this.active = marker;
    for (const other of this.markers) buttonOf(other).setAttribute("aria-pressed", String(other === marker));
    this.box.classList.toggle("is-waiting", Boolean(marker));
  }

  /** The marker at a point: a further one, or when all are there the last one moved. @param {HTMLElement} marker @param {Point} point */
  #put(marker, point) {
    const rows = all(marker, "[data-point]");
    const row = rows.find((one) => !pointOf(one)) ?? this.#furtherRow(marker) ?? rows[rows.length - 1];
    this.#move(row, point);
    this.#activate(undefined);
    return row;
  }

  /** @param {HTMLElement} marker @returns {HTMLElement | undefined} */
  #furtherRow(marker) {
    const rows = all(marker, "[data-point]");
    if (marker.dataset.count !== "0" || rows.length >= Number(this.root.dataset.most)) return undefined;
    const row = /** @type {HTMLElement} */ (rows[0].cloneNode(true));
    rows[0].parentElement?.append(row);
    return row;
  }

  /** @param {HTMLElement} row @param {Point | undefined} point */
  #move(row, point) {
    const [x, y, kept] = fieldsOf(row);
    x.value = point ? String(point.x) : "";
    y.value = point ? String(point.y) : "";
    this.#keep(row);
    tell(kept);
  }

  /** What was typed, as the answer that is kept. @param {HTMLElement} row */
  #keep(row) {
    const [x, y, kept] = fieldsOf(row);
    kept.value = x.value && y.value ? JSON.stringify([Number(x.value), Number(y.value)]) : "";
    this.#show(row);
  }

  /** @param {HTMLElement} target */
  #typed(target) {
    const row = /** @type {HTMLElement | null} */ (target.closest("[data-point]"));
    if (row && /** @type {HTMLInputElement} */ (target).type === "number") this.#keep(row);
  }

  /** The form was filled in from what this device had kept. */
  #restored() {
    for (const row of all(this.root, "[data-point]")) {
      const [x, y, kept] = fieldsOf(row);
      const point = kept.value ? JSON.parse(kept.value) : ["", ""];
      [x.value, y.value] = [String(point[0]), String(point[1])];
      this.#show(row);
    }
  }

  /** @param {HTMLElement} row */
  #show(row) {
    const point = pointOf(row);
    const pin = this.pins.get(row) ?? (point ? this.#pin(row) : undefined);
    if (!pin) return;
    pin.hidden = !point;
    if (!point) return;
    this.picture.put(pin, point);
    const label = row.closest("[data-marker]")?.querySelector("[data-label]")?.textContent ?? "";
    pin.setAttribute("aria-label", this.words.replace("{label}", label).replace("{x}", String(point.x)).replace("{y}", String(point.y)));
  }

  /** @param {HTMLElement} row */
  #pin(row) {
    const pin = document.createElement("button");
    pin.type = "button";
    pin.className = "pin";
    pin.textContent = /** @type {HTMLElement} */ (row.closest("[data-marker]")).dataset.number ?? "";
    pin.addEventListener("keydown", (event) => this.#key(row, event));
    onDrag(pin, {
      onMove: (event) => this.picture.put(pin, this.picture.pointAt(event)),
      onDrop: (event) => this.#move(row, this.picture.isAt(event) ? this.picture.pointAt(event) : undefined),
      onEnd: () => this.#show(row),
    });
    this.pins.set(row, pin);
    this.box.append(pin);
    return pin;
  }

  /** @param {HTMLElement} row @param {KeyboardEvent} event */
  #key(row, event) {
    const point = pointOf(row);
    const step = STEPS[event.key];
    const button = buttonOf(/** @type {HTMLElement} */ (row.closest("[data-marker]")));
    if (point && step) {
      const pixels = event.shiftKey ? 10 : 1;
      this.#move(row, this.picture.within({ x: point.x + step[0] * pixels, y: point.y + step[1] * pixels }));
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.#move(row, undefined);
      button.focus();
    } else if (event.key === "Escape" || event.key === "Enter") button.focus();
    else return;
    event.preventDefault();
  }
}

/** @param {HTMLElement} row @returns {HTMLInputElement[]} left, top, and what is kept */
const fieldsOf = (row) => [...row.querySelectorAll("input")];
/** @param {HTMLElement} marker @returns {HTMLButtonElement} */
const buttonOf = (marker) => /** @type {HTMLButtonElement} */ (marker.querySelector("[data-place]"));

/** @param {HTMLElement} row @returns {Point | undefined} */
function pointOf(row) {
  const [x, y] = fieldsOf(row);
  return x.value && y.value ? { x: Number(x.value), y: Number(y.value) } : undefined;
}

for (const root of all(document.body, "[data-mark-image]")) new MarkImage(root);
