// Places on a picture that is shown at any size, counted in its own pixels.
// @ts-check

/** @typedef {{x: number, y: number}} Point */

export class Picture {
  /** @param {HTMLElement} box the element with the picture in it */
  constructor(box) {
    this.box = box;
    this.image = /** @type {HTMLImageElement} */ (box.querySelector("img"));
    this.image.draggable = false; // the browser would drag the picture from under what lies on it
    this.width = Number(this.image.getAttribute("width"));
    this.height = Number(this.image.getAttribute("height"));
  }

  /** Where a pointer is, kept within the picture. @param {PointerEvent | MouseEvent} event @returns {Point} */
  pointAt(event) {
    const area = this.image.getBoundingClientRect();
    return this.within({
      x: ((event.clientX - area.left) / area.width) * this.width,
      y: ((event.clientY - area.top) / area.height) * this.height,
    });
  }

  /** @param {Point} point @returns {Point} whole pixels */
  within({ x, y }) {
    return {
      x: Math.min(Math.max(Math.round(x), 0), this.width),
      y: Math.min(Math.max(Math.round(y), 0), this.height),
    };
  }

  /** @param {MouseEvent} event */
  isAt(event) {
    const area = this.image.getBoundingClientRect();
    return event.clientX >= area.left && event.clientX <= area.right && event.clientY >= area.top && event.clientY <= area.bottom;
  }

  /** Put an element at a point, whatever size the picture has. @param {HTMLElement} element @param {Point} point */
  put(element, { x, y }) {
    element.style.left = `${(x / this.width) * 100}%`;
    element.style.top = `${(y / this.height) * 100}%`;
  }
}

const FEWEST_PIXELS = 6; // less is a tap

/**
 * Tells of an element being dragged by mouse, pen or finger; a short touch stays a click.
 * @param {HTMLElement} element
 * @param {{onMove: (event: PointerEvent) => void, onDrop: (event: PointerEvent) => void, onEnd?: () => void}} news
 */
export function onDrag(element, { onMove, onDrop, onEnd = () => {} }) {
  element.addEventListener("dragstart", (event) => event.preventDefault()); // the browser's own, of text
  element.addEventListener("pointerdown", (start) => {
    if (start.button !== 0) return;
    let isDragged = false;
    /** @param {PointerEvent} event */
    const move = (event) => {
      if (!isDragged && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < FEWEST_PIXELS) return;
      isDragged = true;
      onMove(event);
    };
    /** The click that follows a drag is none. @param {Event} click */
    const swallow = (click) => click.stopImmediatePropagation();
    /** @param {PointerEvent} event */
    const end = (event) => {
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", end);
      element.removeEventListener("pointercancel", end);
      if (!isDragged) return;
      element.addEventListener("click", swallow, { capture: true });
      setTimeout(() => element.removeEventListener("click", swallow, { capture: true }), 50);
      if (event.type === "pointerup") onDrop(event);
      onEnd();
    };
    element.setPointerCapture(start.pointerId);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", end);
    element.addEventListener("pointercancel", end);
  });
}

/** Say that a control was changed, as if somebody had typed. @param {HTMLElement} control */
export function tell(control) {
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {Element} root @param {string} selector @returns {HTMLElement[]} */
export function all(root, selector) {
  return /** @type {HTMLElement[]} */ ([...root.querySelectorAll(selector)]);
}

/** @param {Element} root */
export function showHelp(root) {
  for (const help of all(root, "[data-help]")) help.hidden = false;
}
