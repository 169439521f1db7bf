// Responses in the shape of each question type, read from and written to its form. Every control that is part of an
// answer says with data-answer where its value stands: "choice", "pairs.p1", "parts.2.text"; a list ends with "[]".
// data-as is "boolean", "number" or "json" for values that are no text; data-blank is a text that stands for nothing.
// @ts-check

/** @typedef {HTMLInputElement & HTMLSelectElement & HTMLTextAreaElement} Control */
/** @typedef {Record<string, any>} Response */

/** Told to a place after its form was filled in by a script. */
export const WRITTEN = "response-written";

const CERTAINTY = "certainty"; // how sure one is, beside an answer; alone it is none

/** @param {Control} control */
const isCertainty = (control) => control.dataset.certainty !== undefined;

/** @param {Element} place @returns {Control[]} */
function controlsOf(place) {
  return /** @type {Control[]} */ ([...place.querySelectorAll(".answer [data-answer], .answer [data-certainty]")]);
}

/** @param {Control} control @returns {{path: string[], isList: boolean}} */
function placeIn(control) {
  const path = isCertainty(control) ? [CERTAINTY] : (control.dataset.answer ?? "").split(".");
  const last = path[path.length - 1];
  const isList = last.endsWith("[]");
  if (isList) path[path.length - 1] = last.slice(0, -2);
  return { path, isList };
}

/** @param {Control} control */
const isTicked = (control) => ["radio", "checkbox"].includes(control.type);

/** @param {Control} control @param {boolean} asLoaded */
const isChecked = (control, asLoaded) => (asLoaded ? control.defaultChecked : control.checked);

/** @param {Control} control @param {boolean} asLoaded @returns {string} */
function textOf(control, asLoaded) {
  if (!asLoaded) return control.value;
  if (control.tagName !== "SELECT") return control.defaultValue;
  const options = [...control.options];
  return (options.find((option) => option.defaultSelected) ?? options[0])?.value ?? "";
}

/** @param {Control} control @param {string} value @returns {unknown} */
function valueOf(control, value) {
  if (control.dataset.as === "boolean") return value === "true";
  if (control.dataset.as === "number" || isCertainty(control)) return Number(value);
  return control.dataset.as === "json" ? JSON.parse(value) : value;
}

/**
 * What the form of a place says; `asLoaded`: what it said when the server gave it, whatever was done with it since.
 * @param {HTMLElement} place @param {{asLoaded?: boolean}} [options] @returns {Response} `{}` when nothing is answered
 */
export function readResponse(place, { asLoaded = false } = {}) {
  /** @type {Response} */
  const response = {};
  for (const control of controlsOf(place)) {
    const { path, isList } = placeIn(control);
    const value = textOf(control, asLoaded);
    if (isTicked(control)) {
      if (isChecked(control, asLoaded)) put(response, path, valueOf(control, value), isList);
    } else if (value.trim() && value !== control.dataset.blank) put(response, path, valueOf(control, value), isList);
    // In a list of places an empty one keeps its place.
    else if (isList && control.tagName === "SELECT") put(response, path, "", true);
  }
  return withoutBlanks(response);
}

/** @param {Response} response @param {string[]} path @param {unknown} value @param {boolean} isList */
function put(response, path, value, isList) {
  const last = path[path.length - 1];
  const holder = path.slice(0, -1).reduce((inside, key) => (inside[key] ??= {}), response);
  if (isList) (holder[last] ??= []).push(value);
  else holder[last] = value;
}

/** Lists end with their last place that is filled. @param {Response} response @returns {Response} */
function withoutBlanks(response) {
  for (const [key, value] of Object.entries(response)) {
    if (!Array.isArray(value)) continue;
    while (value.length && value[value.length - 1] === "") value.pop();
    if (!value.length) delete response[key];
  }
  return Object.keys(response).every((key) => key === CERTAINTY) ? {} : response;
}

/** @param {HTMLElement} place @param {Response} response */
export function writeResponse(place, response) {
  /** @type {Map<string, number>} */
  const places = new Map();
  for (const control of controlsOf(place)) {
    const { path, isList } = placeIn(control);
    let value = path.reduce((inside, key) => inside?.[key], /** @type {any} */ (response));
    const name = path.join(".");
    if (isTicked(control)) {
      control.checked = isList ? (value ?? []).some((/** @type {unknown} */ item) => String(item) === control.value) : String(value ?? "") === control.value;
      continue;
    }
    if (isList) {
      const number = places.get(name) ?? 0;
      places.set(name, number + 1);
      value = value?.[number];
    }
    control.value = value === undefined || value === null ? (control.dataset.blank ?? "") : control.dataset.as === "json" ? JSON.stringify(value) : String(value);
  }
  place.dispatchEvent(new CustomEvent(WRITTEN));
}

/** @param {HTMLElement} place */
export function isAnswered(place) {
  return Object.keys(readResponse(place)).length > 0;
}

/** Whether two responses say the same in the form of a place. @param {HTMLElement} place @param {Response} one @param {Response} other */
export function saysTheSame(place, one, other) {
  return inForm(place, one) === inForm(place, other);
}

/** @param {HTMLElement} place @param {Response} response */
function inForm(place, response) {
  const copy = /** @type {HTMLElement} */ (place.cloneNode(true));
  writeResponse(copy, response);
  return JSON.stringify(sorted(readResponse(copy)));
}

/** @param {any} value @returns {any} */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}
