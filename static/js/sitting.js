// A sitting: keeps every answer on this device until the server has acknowledged it.
// @ts-check
import { AnswerQueue } from "./answer-queue.js";
import { Clock } from "./clock.js";
import { isAnswered, readResponse, writeResponse } from "./responses.js";
import { Navigator } from "./navigator.js";

/** @typedef {{sitting: string, responses_url: string, result_url: string, last_seq: number, server_time: string, time_zone: string, deadline: string|null, slots: {slot: number, number: number}[]}} Config */

/** @param {string} id @returns {HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @type {Config} */
const config = JSON.parse(byId("sitting-config").textContent ?? "{}");
const paper = /** @type {HTMLFormElement} */ (byId("paper"));
const dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
const saved = byId("saved");
const numbers = new Map(config.slots.map(({ slot, number }) => [slot, number]));
const places = new Map(config.slots.map(({ slot }) => [slot, byId(`q${slot}`)]));
const overview = new Navigator({ box: byId("questions"), button: byId("show-questions"), places });
let wantsHandIn = false; // asked for, or the time is over; waits for the answers to be sent
let isLeaving = false;
let savedAt = new Date(config.server_time);

const queue = new AnswerQueue({
  key: `hocso-sitting-${config.sitting}`,
  url: config.responses_url,
  lastSeq: config.last_seq,
  token: csrfToken,
  onState: showState,
  onTime: ({ server_time, deadline }) => {
    savedAt = new Date(server_time);
    if (deadline) clock?.sync(savedAt.getTime(), Date.parse(deadline));
  },
});

/** Signing in again gives a new token, which the page does not hold. */
function csrfToken() {
  const field = /** @type {HTMLInputElement} */ (paper.elements.namedItem("csrfmiddlewaretoken"));
  const cookie = document.cookie.split("; ").find((text) => text.startsWith("csrftoken="));
  return cookie ? cookie.slice("csrftoken=".length) : field.value;
}

/** @param {import("./answer-queue.js").QueueState} state */
function showState({ state, message }) {
  const words = saved.dataset;
  if (state === "closed") return leave();
  byId("sign-in").hidden = state !== "signed-out";
  saved.classList.toggle("is-saved", state === "saved");
  saved.classList.toggle("is-offline", state !== "saved" && state !== "saving");
  if (state === "saved") {
    const time = savedAt.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: config.time_zone });
    saved.textContent = (words.saved ?? "")
      .replace("{n}", String(overview.answered().length))
      .replace("{total}", String(config.slots.length))
      .replace("{time}", time);
    if (wantsHandIn) submit();
  } else if (state === "saving") saved.textContent = words.saving ?? "";
  else if (state === "offline") saved.textContent = (wantsHandIn ? words.offlineEnd : words.offline) ?? "";
  else if (state === "signed-out") saved.textContent = words.signedOut ?? "";
  else saved.textContent = `${words.refused ?? ""} ${message ?? ""}`;
}

/** @param {EventTarget|null} target @returns {[number, HTMLElement]|undefined} */
function placeOf(target) {
  const place = /** @type {HTMLElement|null} */ (/** @type {Element|null} */ (target)?.closest("[data-slot]"));
  return place ? [Number(place.dataset.slot), place] : undefined;
}

/** @param {number} slot @param {HTMLElement} place */
function showPlace(slot, place) {
  const clear = /** @type {HTMLElement|null} */ (place.querySelector("[data-clear]"));
  // Everything else can be cleared by its own means.
  if (clear) clear.hidden = !place.querySelector('[type="radio"], [data-order]') || !isAnswered(place);
  overview.show(slot);
}

/** @param {number} slot @param {HTMLElement} place */
function noteAnswer(slot, place) {
  queue.add("answer", slot, readResponse(place));
  showPlace(slot, place);
}

/** Put what is on this device and not yet on the server back into the form, after a reload. */
function restore() {
  for (const { kind, slot, response } of queue.pending()) {
    const place = places.get(slot);
    if (!place) continue;
    if (kind === "flag") /** @type {HTMLInputElement} */ (place.querySelector(".flag input")).checked = response.flagged === true;
    else writeResponse(place, response);
  }
  places.forEach((place, slot) => showPlace(slot, place));
}

paper.addEventListener("input", ({ target }) => {
  const found = placeOf(target);
  if (!found) return;
  const [slot, place] = found;
  const field = /** @type {HTMLInputElement} */ (target);
  if (field.closest(".flag")) {
    queue.add("flag", slot, { flagged: field.checked });
    overview.show(slot);
  } else noteAnswer(slot, place);
});
paper.addEventListener("click", ({ target }) => {
  const found = placeOf(target);
  if (!found || !(/** @type {Element} */ (target).closest("[data-clear]"))) return;
  const [slot, place] = found;
  writeResponse(place, {});
  noteAnswer(slot, place);
  /** @type {HTMLElement|null} */ (place.querySelector(".answer input"))?.focus();
});
// Enter in a line of text means “I have typed it”, not “hand the paper in”.
paper.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && /** @type {Element} */ (event.target).matches(".answer input")) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") queue.flush({ keepalive: true });
  else queue.flush({ always: true }); // the device may have slept
});
window.addEventListener("online", () => queue.flush({ always: true }));
window.addEventListener("offline", () => queue.pending().length && showState({ state: "offline" }));
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
window.addEventListener("beforeunload", (event) => {
  if (queue.pending().length && !isLeaving) event.preventDefault();
});

paper.addEventListener("submit", (event) => {
  if (isLeaving) return;
  event.preventDefault();
  askToHandIn();
});
byId("sign-in").addEventListener("click", () => (isLeaving = true));
byId("confirm-back").addEventListener("click", () => dialog.close());
byId("confirm-submit").addEventListener("click", handIn);
dialog.addEventListener("click", ({ target }) => {
  if (/** @type {Element} */ (target).matches("a")) dialog.close();
});

/** The summary: how many answers, what is open, what was to be looked at again. */
function askToHandIn() {
  const slots = config.slots.map(({ slot }) => slot);
  const answered = overview.answered();
  const open = slots.filter((slot) => !answered.includes(slot));
  const text = byId("confirm-text");
  text.textContent = ((open.length ? text.dataset.some : text.dataset.all) ?? "")
    .replace("{n}", String(answered.length))
    .replace("{total}", String(slots.length));
  listPlaces(byId("confirm-open"), open);
  listPlaces(byId("confirm-flagged"), overview.flagged());
  dialog.showModal();
}

/** @param {HTMLElement} box @param {number[]} slots */
function listPlaces(box, slots) {
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

/** Send what is left, then hand in; without network as soon as there is one. */
async function handIn() {
  dialog.close();
  wantsHandIn = true;
  showState({ state: "saving" });
  await queue.flush({ always: true });
  if (queue.pending().length) await queue.flush();
}

/** Hand in. Every answer is on the server: the form must not bring back what this page was loaded with. */
function submit() {
  if (isLeaving) return;
  isLeaving = true;
  for (const place of places.values()) /** @type {HTMLFieldSetElement} */ (place).disabled = true;
  /** @type {HTMLInputElement} */ (paper.elements.namedItem("csrfmiddlewaretoken")).value = csrfToken();
  paper.submit();
}

/** The paper was handed in, here or elsewhere. */
function leave() {
  isLeaving = true;
  location.replace(config.result_url);
}

const clock = config.deadline
  ? new Clock({
      clock: byId("clock"),
      announcer: byId("clock-announcer"),
      serverTime: Date.parse(config.server_time),
      deadline: Date.parse(config.deadline),
      minutesLeft: saved.dataset.left ?? "",
      onEnd: handIn,
    })
  : undefined;
paper.classList.add("has-script");
restore();
queue.flush();
