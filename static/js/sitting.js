// A sitting: keeps every answer on this device until the server has acknowledged it.
// @ts-check
import { AnswerQueue } from "./answer-queue.js";
import { startClock } from "./clock.js";

/** @typedef {{sitting: string, responses_url: string, last_seq: number, server_time: string, deadline: string|null, slots: {slot: number, type: string}[]}} Config */

const configElement = document.getElementById("sitting-config");
const paper = /** @type {HTMLFormElement} */ (document.getElementById("paper"));
const saved = /** @type {HTMLElement} */ (document.getElementById("saved"));
/** @type {Config} */
const config = JSON.parse(configElement?.textContent ?? "{}");
const token = /** @type {HTMLInputElement} */ (paper.elements.namedItem("csrfmiddlewaretoken")).value;
const queue = new AnswerQueue({
  key: `hocso-sitting-${config.sitting}`,
  url: config.responses_url,
  token,
  lastSeq: config.last_seq,
  onState: showState,
});
let handingIn = false;

/** @param {Element} question @returns {Record<string, unknown>} the response in the shape of the question's type */
export function readResponse(question) {
  const type = question.getAttribute("data-type") ?? "";
  const inputs = [...question.querySelectorAll("input, select")].map((element) => /** @type {HTMLInputElement} */ (element));
  const chosen = inputs.filter((input) => input.checked).map((input) => input.value);
  switch (type) {
    case "single_choice":
      return chosen.length ? { choice: chosen[0] } : {};
    case "multiple_choice":
      return chosen.length ? { choices: chosen } : {};
    case "true_false":
      return chosen.length ? { answer: chosen[0] === "true" } : {};
    case "matching": {
      const pairs = Object.fromEntries(
        inputs.filter((input) => input.value).map((input) => [input.name.split("-").slice(1).join("-"), input.value]),
      );
      return Object.keys(pairs).length ? { pairs } : {};
    }
    default: {
      const text = inputs[0]?.value ?? "";
      return text.trim() ? { text } : {};
    }
  }
}

/** @param {number} slot */
function question(slot) {
  return /** @type {Element} */ (document.querySelector(`[data-slot="${slot}"]`));
}

function answeredCount() {
  return config.slots.filter(({ slot }) => Object.keys(readResponse(question(slot))).length > 0).length;
}

/** @param {{state: "saved"|"saving"|"offline"|"refused", message?: string}} change */
function showState({ state, message }) {
  const time = new Date().toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit" });
  const data = saved.dataset;
  saved.classList.toggle("is-saved", state === "saved");
  saved.classList.toggle("is-offline", state === "offline" || state === "refused");
  if (state === "saved")
    saved.textContent = (data.saved ?? "")
      .replace("{n}", String(answeredCount()))
      .replace("{total}", String(config.slots.length))
      .replace("{time}", time);
  else if (state === "saving") saved.textContent = data.saving ?? "";
  else if (state === "offline") saved.textContent = data.offline ?? "";
  else saved.textContent = `${data.refused ?? ""} ${message ?? ""}`;
}

/** @param {number} slot */
function markNavigator(slot) {
  const link = document.querySelector(`[data-nav="${slot}"]`);
  link?.classList.toggle("answered", Object.keys(readResponse(question(slot))).length > 0);
}

/** Put what is on this device and not yet on the server back into the form, after a reload. */
function restore() {
  for (const event of queue.pending()) {
    const place = question(event.slot);
    if (!place) continue;
    const response = /** @type {Record<string, any>} */ (event.response ?? {});
    for (const element of place.querySelectorAll("input, select")) {
      const input = /** @type {HTMLInputElement} */ (element);
      if (input.type === "radio") input.checked = String(response.choice ?? response.answer ?? "") === input.value;
      else if (input.type === "checkbox") input.checked = (response.choices ?? []).includes(input.value);
      else if (input.tagName === "SELECT") input.value = response.pairs?.[input.name.split("-").slice(1).join("-")] ?? "";
      else input.value = response.text ?? "";
    }
    markNavigator(event.slot);
  }
}

paper.addEventListener("input", (event) => {
  const place = /** @type {Element} */ (event.target).closest("[data-slot]");
  if (!place) return;
  const slot = Number(place.getAttribute("data-slot"));
  queue.add(slot, readResponse(place));
  markNavigator(slot);
});
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && queue.flush({ keepalive: true }));
window.addEventListener("online", () => queue.flush());

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("confirm"));
const confirmText = /** @type {HTMLElement} */ (document.getElementById("confirm-text"));
paper.addEventListener("submit", (event) => {
  if (handingIn) return;
  event.preventDefault();
  const open = config.slots.length - answeredCount();
  confirmText.textContent = open ? (confirmText.dataset.some ?? "").replace("{n}", String(open)) : (confirmText.dataset.all ?? "");
  dialog.showModal();
});
document.getElementById("confirm-back")?.addEventListener("click", () => dialog.close());
document.getElementById("confirm-submit")?.addEventListener("click", handIn);

/** Send what is left, then hand in by the form: it carries every answer once more. */
async function handIn() {
  dialog.close();
  await queue.flush();
  if (queue.pending().length && !navigator.onLine) return showState({ state: "offline" });
  handingIn = true;
  queue.forget();
  paper.submit();
}

if (config.deadline)
  startClock({
    clock: /** @type {HTMLElement} */ (document.getElementById("clock")),
    announcer: /** @type {HTMLElement} */ (document.getElementById("clock-announcer")),
    serverTime: Date.parse(config.server_time),
    deadline: Date.parse(config.deadline),
    words: { minutes: saved.dataset.left ?? "", seconds: saved.dataset.leftSeconds ?? "" },
    onEnd: handIn,
  });
restore();
queue.flush();
