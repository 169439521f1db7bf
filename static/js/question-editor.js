// The form of a question: rows are added, moved and removed; the preview follows what is typed.
// Without this module the form works too: spare rows, a place to type and a box to tick, a button for the preview.

import { PictureChooser } from "./picture-chooser.js";

const WAIT_MS = 600;

/** @param {Element} rows @returns {HTMLElement} */
const listOf = (rows) => /** @type {HTMLElement} */ (rows.querySelector(":scope > [data-row-list]"));

/** Rows in sight, in their order. @param {Element} rows @returns {HTMLElement[]} */
const rowsIn = (rows) => /** @type {HTMLElement[]} */ ([...listOf(rows).children].filter((row) => row.matches("[data-row]")));

/** The number of each row, the place that is sent, and which buttons make sense. @param {Element} rows */
function renumber(rows) {
  const all = rowsIn(rows);
  all.forEach((row, index) => {
    const number = row.querySelector(":scope > legend [data-row-number]");
    if (number) number.textContent = String(index + 1);
    const tools = row.querySelector(":scope > .hs-row-tools");
    const place = /** @type {HTMLInputElement | null} */ (tools?.querySelector("input[name$='row-order']") ?? null);
    if (place) place.value = String(index + 1);
    const up = /** @type {HTMLButtonElement | null} */ (tools?.querySelector("[data-move='-1']") ?? null);
    const down = /** @type {HTMLButtonElement | null} */ (tools?.querySelector("[data-move='1']") ?? null);
    if (up) up.disabled = index === 0;
    if (down) down.disabled = index === all.length - 1;
  });
  const add = /** @type {HTMLButtonElement | null} */ (rows.querySelector(":scope > [data-add]"));
  if (add) add.disabled = all.length >= Number(rows.getAttribute("data-maximum"));
}

/** @param {Element} rows */
function addRow(rows) {
  const prefix = rows.getAttribute("data-prefix") ?? "";
  const total = /** @type {HTMLInputElement} */ (rows.querySelector(`:scope > [name="${prefix}-TOTAL_FORMS"]`));
  const template = /** @type {HTMLTemplateElement} */ (rows.querySelector(":scope > [data-row-template]"));
  const holder = document.createElement("div");
  holder.innerHTML = template.innerHTML.replaceAll(`${prefix}-__prefix__`, `${prefix}-${total.value}`);
  const row = /** @type {HTMLElement} */ (holder.querySelector("[data-row]"));
  total.value = String(Number(total.value) + 1);
  listOf(rows).append(row);
  enhance(row);
  renumber(rows);
  /** @type {HTMLElement | null} */ (row.querySelector("textarea, input:not([type=hidden])"))?.focus();
}

/** @param {HTMLElement} row */
function removeRow(row) {
  const rows = /** @type {Element} */ (row.closest("[data-rows]"));
  const next = /** @type {HTMLElement | null} */ (row.nextElementSibling ?? row.previousElementSibling);
  row.remove();
  renumber(rows);
  const focus = next?.querySelector("[data-remove]") ?? rows.querySelector(":scope > [data-add]");
  /** @type {HTMLElement | null} */ (focus)?.focus();
}

/** @param {HTMLElement} row @param {number} step @param {HTMLElement} button */
function moveRow(row, step, button) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(row);
  else other.after(row);
  renumber(/** @type {Element} */ (row.closest("[data-rows]")));
  button.focus();
}

/** Show the buttons and hide what they stand for. @param {Element} part */
function enhance(part) {
  for (const button of part.querySelectorAll("[data-add], [data-move], [data-remove]")) button.removeAttribute("hidden");
  for (const plain of part.querySelectorAll(".hs-plain")) plain.setAttribute("hidden", "");
  for (const rows of part.querySelectorAll("[data-rows]")) renumber(rows);
  for (const area of /** @type {NodeListOf<HTMLTextAreaElement>} */ (part.querySelectorAll("textarea"))) grow(area);
  pictures.offer(part);
}

/** As high as its text. @param {HTMLTextAreaElement} area */
function grow(area) {
  area.style.height = "auto";
  if (area.scrollHeight) area.style.height = `${area.scrollHeight + 4}px`;
}

const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-question-editor]"));
const frame = /** @type {HTMLIFrameElement} */ (document.querySelector("iframe[name=preview]"));
const state = /** @type {HTMLElement} */ (document.querySelector("[data-preview-state]"));
let timer = 0;
let asked = 0;
let unsaved = false;

/** Ask for the preview of what is in the form; the last question asked is the one that is shown. */
async function preview() {
  const number = ++asked;
  try {
    const answer = await fetch(form.dataset.previewUrl ?? "", { method: "POST", body: new FormData(form) });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = await answer.text();
    if (number !== asked) return;
    frame.srcdoc = page;
    state.textContent = form.dataset.updated ?? "";
  } catch {
    if (number === asked) state.textContent = form.dataset.failed ?? "";
  }
}

function previewSoon() {
  window.clearTimeout(timer);
  timer = window.setTimeout(preview, WAIT_MS);
}

form.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("button"));
  if (!button) return;
  const row = /** @type {HTMLElement | null} */ (button.closest("[data-row]"));
  if (button.matches("[data-add]")) addRow(/** @type {Element} */ (button.closest("[data-rows]")));
  else if (row && button.matches("[data-remove]")) removeRow(row);
  else if (row && button.matches("[data-move]")) moveRow(row, Number(button.dataset.move), button);
  else return;
  unsaved = true;
  previewSoon();
});
form.addEventListener("input", (event) => {
  unsaved = true;
  if (event.target instanceof HTMLTextAreaElement) grow(event.target);
  previewSoon();
});
form.addEventListener("toggle", (event) => enhance(/** @type {Element} */ (event.target)), true);
form.addEventListener("submit", (event) => {
  if (event.submitter?.matches("[data-preview-button]")) {
    event.preventDefault();
    preview();
    return;
  }
  unsaved = false;
});
window.addEventListener("beforeunload", (event) => unsaved && event.preventDefault());

const pictures = new PictureChooser(form, () => {
  unsaved = true;
  previewSoon();
});
enhance(form);
preview();
/** @type {HTMLElement | null} */ (document.querySelector("[data-focus]"))?.focus();
