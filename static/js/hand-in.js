// Handing in: the summary before, and the receipt after, to keep as a file or on paper.
// @ts-check
import { download } from "./answer-file.js";

/** @typedef {{id: string, answers: number, digest: string, submitted_at: string|null, server_time: string}} Receipt */

/**
 * Fill the summary: how many answers, what is open, what was to be looked at again.
 * @param {{slots: {slot: number, number: number}[], answered: number[], flagged: number[]}} paper
 */
export function fillSummary({ slots, answered, flagged }) {
  const numbers = new Map(slots.map(({ slot, number }) => [slot, number]));
  const open = slots.map(({ slot }) => slot).filter((slot) => !answered.includes(slot));
  const text = /** @type {HTMLElement} */ (document.getElementById("confirm-text"));
  text.textContent = ((open.length ? text.dataset.some : text.dataset.all) ?? "")
    .replace("{n}", String(answered.length))
    .replace("{total}", String(slots.length))
    .replace("{open}", String(open.length));
  listPlaces("confirm-open", open, numbers);
  listPlaces("confirm-flagged", flagged, numbers);
}

/** @param {string} id @param {number[]} slots @param {Map<number, number>} numbers */
function listPlaces(id, slots, numbers) {
  const box = /** @type {HTMLElement} */ (document.getElementById(id));
  box.hidden = !slots.length;
  box.querySelector("ul")?.replaceChildren(
    ...slots.map((slot) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `#q${slot}`;
      link.textContent = String(numbers.get(slot));
      item.append(link);
      return item;
    }),
  );
}

/** Whether this is a receipt of the server, and no other answer. @param {Record<string, any>} data */
export function isReceipt(data) {
  return typeof data.digest === "string" && data.digest !== "" && !Number.isNaN(Date.parse(data.submitted_at)) && Number.isInteger(data.answers);
}

/**
 * Show the receipt in the paper's place.
 * @param {Receipt} receipt @param {{total: number, timeZone: string}} facts
 */
export function showReceipt(receipt, { total, timeZone }) {
  const box = /** @type {HTMLElement} */ (document.getElementById("receipt"));
  const handedIn = new Date(/** @type {string} */ (receipt.submitted_at)).toLocaleString("vi-VN", { timeZone, day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  /** @type {Record<string, string>} */
  const values = { answers: `${receipt.answers}/${total}`, time: handedIn, digest: receipt.digest, id: receipt.id };
  for (const [name, value] of Object.entries(values)) {
    const place = box.querySelector(`[data-receipt="${name}"]`);
    if (place) place.textContent = value;
  }
  box.hidden = false;
  /** @type {HTMLElement} */ (box.querySelector("h1")).focus();
  box.querySelector("[data-print]")?.addEventListener("click", () => window.print());
  box.querySelector("[data-keep]")?.addEventListener("click", () =>
    download(`bien-nhan-${receipt.id.slice(0, 8)}.html`, asFile(box, receipt), "text/html;charset=utf-8"),
  );
}

/** The receipt as a page of its own that any browser shows and prints, the same as data inside. @param {HTMLElement} box @param {Receipt} receipt */
function asFile(box, receipt) {
  const copy = /** @type {HTMLElement} */ (box.cloneNode(true));
  copy.querySelectorAll("[data-not-kept]").forEach((element) => element.remove());
  const data = JSON.stringify(receipt).replaceAll("<", "\\u003c");
  const style = "body{font:17px/1.6 sans-serif;max-width:40em;margin:2em auto;padding:0 1em}dt{font-weight:700}dd{margin:0 0 .7em;overflow-wrap:anywhere}";
  return `<!doctype html><html lang="${document.documentElement.lang}"><meta charset="utf-8"><title>${copy.querySelector("h1")?.textContent ?? ""}</title><style>${style}</style>${copy.innerHTML}<script type="application/json">${data}</script></html>`;
}
