// A sitting: keeps every answer on this device until the server has acknowledged it.
// @ts-check
import { canSeal, download, fileName, numbered, sealAnswers } from "./answer-file.js";
import { AnswerQueue } from "./answer-queue.js";
import { AnswerStore, deviceName, forgetLegacy, readLegacy } from "./answer-store.js";
import { Clock, ServerTime } from "./clock.js";
import { chooseBetween } from "./differences.js";
import { fillSummary, isReceipt, showReceipt } from "./hand-in.js";
import { Navigator } from "./navigator.js";
import { Notices } from "./notices.js";
import { isAnswered, readResponse, saysTheSame, writeResponse } from "./responses.js";
import { sayWhatIsSaved } from "./saved-words.js";
import { ask } from "./server-link.js";
import { Tabs } from "./tabs.js";

/** @typedef {import("./responses.js").Response} Response */
/**
 * @typedef {object} Config what the server says with the paper
 * @property {string} sitting
 * @property {string} responses_url
 * @property {string} submit_url
 * @property {string} device_url
 * @property {string} section_url
 * @property {string} slots_url
 * @property {string} notices_url
 * @property {string} [pulse_url]
 * @property {string} result_url
 * @property {string} answer_file_url
 * @property {import("./answer-file.js").Key} answer_key
 * @property {number} last_seq
 * @property {string} head
 * @property {string} [device] the one that the sitting goes on with, "" when none was chosen
 * @property {boolean} [paused]
 * @property {string|null} [paused_at]
 * @property {string} server_time
 * @property {string} time_zone
 * @property {string|null} deadline
 * @property {{slot: number, number: number}[]} slots
 */

/** @param {string} id @returns {HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} id */
const dialogOf = (id) => /** @type {HTMLDialogElement} */ (byId(id));
/** @type {Config} */
const config = JSON.parse(byId("sitting-config").textContent ?? "{}");
const paper = /** @type {HTMLFormElement} */ (byId("paper"));
const saved = byId("saved");
const numbers = new Map(config.slots.map(({ slot, number }) => [slot, number]));
const places = new Map(config.slots.map(({ slot }) => [slot, byId(`q${slot}`)]));
const overview = new Navigator({ box: byId("questions"), button: byId("show-questions"), places });
/** What the server is known to have. @type {Map<number, Response>} */
const known = new Map([...places].map(([slot, place]) => [slot, readResponse(place, { asLoaded: true })]));
const device = deviceName();
const store = new AnswerStore(config.sitting);
const time = new ServerTime();
const PATIENCE = 60_000; // milliseconds without network, before an answer file is offered
let cutOffSince = NaN;
let announced = ""; // the sentence about saving that was said aloud last
let isReady = false;
let wantsHandIn = false; // asked for, or the time is over; waits for the answers to be sent
let nextPart = 0; // to go on to, as soon as the answers of this one are sent
let isHandingIn = false;
let isLeaving = false;
let isOffline = false;
let isResuming = false;
let isTimeUp = false; // and nobody asked to hand in before
let toldEnd = Date.parse(config.deadline ?? ""); // the end of the sitting, which the end of a part may precede

const queue = new AnswerQueue({
  sitting: config.sitting,
  url: config.responses_url,
  device,
  lastSeq: config.last_seq,
  head: config.head,
  serverTime: config.server_time,
  token: csrfToken,
  store,
  ask,
  onChange: queueChanged,
  onReply: heard,
  onKept: (kept) => kept.forEach(({ kind, slot, response }) => kind === "answer" && slot !== null && known.set(slot, response)),
});
const tabs = new Tabs({ name: `hocso-sitting-${config.sitting}`, onAsked: standBy });
const notices = new Notices({ url: config.notices_url, pulseUrl: config.pulse_url ?? "", ask, onNews: showNews, onPulse: pulseHeard });
const opening = /** @type {PerformanceNavigationTiming|undefined} */ (performance.getEntriesByType("navigation")[0]);
time.learn(Date.parse(config.server_time), opening?.requestStart ?? 0, opening?.responseStart || performance.now());

/** Signing in again gives a new token, which the page does not hold. */
function csrfToken() {
  const field = /** @type {HTMLInputElement} */ (paper.elements.namedItem("csrfmiddlewaretoken"));
  const cookie = document.cookie.split("; ").find((text) => text.startsWith("csrftoken="));
  return cookie ? cookie.slice("csrftoken=".length) : field.value;
}

// What is saved where -------------------------------------------------------------------------------------------

/** @returns {number[]} places whose answer the server has */
function savedSlots() {
  const unsaved = queue.unsavedSlots();
  return overview.answered().filter((slot) => !unsaved.has(slot));
}

function queueChanged() {
  if (!isReady) return;
  showState();
  if (queue.state === "closed") return leave();
  if (queue.state === "device") return showElsewhere("device");
  if (queue.state === "section") return location.reload(); // the next part
  if (wantsHandIn && queue.state === "idle") handIn();
  else if (nextPart && queue.state === "idle") goToPart(nextPart);
}

function showState() {
  overview.showUnsent(queue.unsavedSlots());
  const refused = queue.refused().find(({ slot }) => numbers.has(slot ?? 0));
  const said = sayWhatIsSaved(saved.dataset, {
    state: queue.state,
    saved: savedSlots().length,
    total: config.slots.length,
    waiting: queue.unsavedSlots().size || queue.pending().length,
    isLasting: store.isLasting,
    isHandingIn: wantsHandIn,
    isOffline,
    time: new Date(queue.savedAt).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: config.time_zone }),
    refused: refused && { number: numbers.get(refused.slot ?? 0) ?? "", message: refused.refused ?? "" },
  });
  if (saved.textContent !== said.text) saved.textContent = said.text;
  // Aloud only what needs attention, and its end: who listens must not hear of each answer that all is well.
  const aloud = said.look === "is-offline" ? said.text : said.look === "is-saved" && byId("saved-announcer").textContent ? (saved.dataset.again ?? "") : undefined;
  if (aloud !== undefined && said.key !== announced) {
    byId("saved-announcer").textContent = aloud;
    announced = said.key;
  }
  saved.classList.toggle("is-saved", said.look === "is-saved");
  saved.classList.toggle("is-offline", said.look === "is-offline");
  byId("sign-in").hidden = !["signed-out", "foreign"].includes(queue.state);
  byId("storage-warning").hidden = store.isLasting;
  // The network mostly comes back: a file is offered when it stays away, and at the end.
  const isCutOff = said.look === "is-offline" && queue.pending().length > 0;
  if (!isCutOff) cutOffSince = NaN;
  else if (Number.isNaN(cutOffSince)) {
    cutOffSince = performance.now();
    setTimeout(showState, PATIENCE + 100);
  }
  byId("keep-file").hidden = !(wantsHandIn ? isCutOff : performance.now() - cutOffSince > PATIENCE);
  byId("keep-file-button").hidden = !canSeal();
  byId("keep-file-impossible").hidden = canSeal();
}

/** @param {import("./server-link.js").Reply} reply */
function heard(reply) {
  const { data, seconds } = reply;
  isOffline = false;
  if (data.server_time) time.learn(Date.parse(data.server_time), seconds.sent, seconds.received);
  if (data.deadline && data.server_time) {
    clock?.setDeadline(Date.parse(data.deadline));
    if (isTimeUp && clock?.left()) goOnAgain();
  }
  if (typeof data.paused === "boolean") setPaused(data.paused);
  notices.heard(reply);
}

/** @param {import("./server-link.js").Reply} reply */
function pulseHeard(reply) {
  const wasOffline = isOffline;
  isOffline = ["offline", "portal", "busy"].includes(reply.outcome);
  if (reply.outcome === "ok") {
    heard(reply);
    if (isReady && reply.data.deadline && Date.parse(reply.data.deadline) !== toldEnd) queue.flush({ always: true }); // it was moved: what counts now?
    if (reply.data.deadline) toldEnd = Date.parse(reply.data.deadline);
  }
  if (wasOffline && !isOffline && queue.pending().length) queue.flush();
  if (wasOffline !== isOffline) showState();
}

// Answering -----------------------------------------------------------------------------------------------------

/** @param {EventTarget|null} target @returns {[number, HTMLElement]|undefined} */
function placeOf(target) {
  const place = /** @type {HTMLElement|null} */ (/** @type {Element|null} */ (target)?.closest("[data-slot]"));
  return place && places.has(Number(place.dataset.slot)) ? [Number(place.dataset.slot), place] : undefined;
}

/** @param {number} slot @param {HTMLElement} place */
function showPlace(slot, place) {
  const clear = /** @type {HTMLElement|null} */ (place.querySelector("[data-clear]"));
  // Everything else can be cleared by its own means. It keeps its room, so that nothing moves.
  if (clear) {
    clear.hidden = !place.querySelector('[type="radio"], [data-order]');
    clear.classList.toggle("is-idle", !isAnswered(place));
  }
  overview.show(slot);
}

/** An answer is given when it is on this device's disk. @param {number} slot @param {HTMLElement} place */
async function noteAnswer(slot, place) {
  await queue.add("answer", slot, readResponse(place));
  showPlace(slot, place);
  showState();
}

/** @param {number} slot @param {boolean} flagged */
async function noteFlag(slot, flagged) {
  await queue.add("flag", slot, { flagged });
  overview.show(slot);
}

/** @param {HTMLElement} place @returns {HTMLInputElement|null} */
const flagOf = (place) => place.querySelector(".flag input");

/** Put what is on this device and not yet on the server into the form. */
function restore() {
  for (const { kind, slot, response } of queue.pending()) {
    const place = places.get(slot ?? 0);
    if (!place) continue;
    const flag = flagOf(place);
    if (kind === "flag" && flag) flag.checked = response.flagged === true;
    else if (kind === "answer") writeResponse(place, response);
  }
  places.forEach((place, slot) => showPlace(slot, place));
}

paper.addEventListener("input", ({ target }) => {
  const found = placeOf(target);
  if (!found || !isReady) return; // what came before is read when it is ready
  const [slot, place] = found;
  const field = /** @type {HTMLInputElement} */ (target);
  if (field.closest(".flag")) noteFlag(slot, field.checked);
  else if (field.closest(".answer")) noteAnswer(slot, place);
});
paper.addEventListener("click", ({ target }) => {
  const found = placeOf(target);
  if (!found || !isReady || !(/** @type {Element} */ (target).closest("[data-clear]"))) return;
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
  if (!isReady || isLeaving) return;
  if (document.visibilityState === "hidden") queue.flush({ keepalive: true });
  else queue.flush({ always: true }); // the device may have slept
});
window.addEventListener("pagehide", () => isReady && !isLeaving && queue.flush({ keepalive: true }));
window.addEventListener("online", () => {
  isOffline = false;
  if (isReady) wantsHandIn ? handIn() : queue.flush({ always: true }); // a part is left when that is answered
});
window.addEventListener("offline", () => {
  isOffline = true;
  if (isReady) showState();
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
window.addEventListener("beforeunload", (event) => {
  // On the disk, answers survive the page; only what would be lost is worth a question.
  if (!isLeaving && queue.pending().length && !store.isLasting) event.preventDefault();
});

// Other tabs and devices ----------------------------------------------------------------------------------------

/** @typedef {{responses: Record<string, Response>, flags: number[], entries?: import("./answer-store.js").Entry[], last_seq: number, head?: string, server_time: string, deadline: string|null}} There where a page or the server stands */

/** Another tab goes on: stop, and say where this page stands. @returns {Promise<There>} */
async function standBy() {
  queue.halt("halted");
  await store.writing;
  await queue.sending;
  queue.halt("halted");
  showElsewhere("tab");
  const responses = Object.fromEntries([...places].map(([slot, place]) => [slot, readResponse(place)]));
  return {
    responses,
    flags: overview.flagged(),
    entries: queue.entries,
    last_seq: queue.lastSeq,
    head: queue.head.seq === queue.lastSeq ? queue.head.digest : "",
    server_time: queue.savedAt,
    deadline: config.deadline && clock ? new Date(clock.deadline).toISOString() : null,
  };
}

/** @param {"tab"|"device"} which */
function showElsewhere(which) {
  const dialog = dialogOf("elsewhere");
  const text = byId("elsewhere-text");
  text.textContent = (which === "tab" ? text.dataset.tab : text.dataset.device) ?? "";
  byId("elsewhere-leave").hidden = which === "tab";
  paper.inert = true;
  if (!dialog.open) dialog.showModal();
}

async function goOnHere() {
  const problem = byId("elsewhere-problem");
  problem.hidden = true;
  const isElsewhere = queue.state === "device" || Boolean(config.device && config.device !== device);
  const left = /** @type {There|undefined} */ (tabs.isWorking ? undefined : await tabs.take());
  if (!isReady) await readStore();
  else if (left === undefined && store.isLasting) queue.load((await store.read()).entries);
  if (left) {
    queue.load(left.entries ?? queue.entries);
    await showThere(left, { isOurs: true });
  } else {
    const reply = await ask(config.device_url, { token: csrfToken(), body: { device } });
    if (reply.outcome === "ok" && Number.isInteger(reply.data.last_seq)) {
      heard(reply);
      await showThere(/** @type {any} */ ({ ...reply.data, head: reply.data.head ?? reply.head }), { isOurs: false });
    } else if (reply.outcome === "closed") return leave();
    else if (isElsewhere) {
      problem.textContent = String(reply.data.detail ?? "") || (problem.dataset.offline ?? "");
      problem.hidden = false;
      return;
    }
  }
  config.device = device;
  dialogOf("elsewhere").close();
  paper.inert = false;
  isReady = true;
  paper.classList.add("is-ready");
  restore();
  if (queue.isHalted()) await queue.restart(queue.lastSeq, "", queue.savedAt);
  queue.flush({ always: true });
}

/** Bring the form to where the other page or the server stands, but for what was answered here since. @param {There} there @param {{isOurs: boolean}} options isOurs: it knows what this device answered */
async function showThere(there, { isOurs }) {
  const mine = new Map(queue.pending().flatMap(({ kind, slot, response }) => (kind === "answer" && slot !== null ? [[slot, response]] : [])));
  const flagged = new Map(queue.pending().flatMap(({ kind, slot, response }) => (kind === "flag" ? [[slot, response.flagged === true]] : [])));
  /** @type {import("./differences.js").Difference[]} */
  const differences = [];
  for (const [slot, place] of places) {
    const other = there.responses?.[slot] ?? {};
    const own = mine.get(slot);
    const isChanged = !saysTheSame(place, other, known.get(slot) ?? {});
    if (!own) writeResponse(place, other);
    else if (!isOurs && isChanged && !saysTheSame(place, other, own)) {
      differences.push({ slot, number: numbers.get(slot) ?? 0, place, mine: own, other });
    }
    if (!isOurs) known.set(slot, other);
    const flag = flagOf(place);
    if (flag) flag.checked = flagged.get(slot) ?? there.flags?.includes(slot) ?? flag.checked;
  }
  await queue.restart(there.last_seq, there.head ?? "", there.server_time);
  if (there.deadline) clock?.setDeadline(Date.parse(there.deadline));
  if (!differences.length) return;
  const others = await chooseBetween(dialogOf("differences"), differences);
  // Both stay in the log: ours first, then what was chosen instead of it.
  for (const { slot, place, other } of differences.filter((one) => others.has(one.slot))) {
    writeResponse(place, other);
    await queue.add("answer", slot, other, { isOwn: true });
  }
}

// One question marked at once --------------------------------------------------------------------------------------

/** Have the answer marked, and show what is told of it. @param {number} slot */
async function check(slot) {
  const place = places.get(slot);
  if (!place) return;
  await queue.add("check", slot, readResponse(place));
  if (!(await queue.drain())) return; // it is kept, and shown when the page is opened again
  const { outcome, data } = await ask(`${config.slots_url}${slot}`);
  if (outcome !== "ok" || typeof data.question !== "string") return;
  const fresh = new DOMParser().parseFromString(data.question, "text/html");
  place.querySelectorAll(".try-outcome, .check").forEach((element) => element.remove());
  place.querySelector(".question-tools")?.before(...fresh.querySelectorAll(".try-outcome, .check"));
  if (fresh.querySelector(".answer[inert]")) {
    /** @type {HTMLElement} */ (place.querySelector(".answer")).inert = true;
    place.querySelectorAll("[data-clear]").forEach((element) => element.setAttribute("disabled", ""));
    place.classList.add("question-closed");
  }
  const told = /** @type {HTMLElement|null} */ (place.querySelector(".try-outcome"));
  told?.setAttribute("tabindex", "-1");
  told?.focus();
}

// A question that opens when another is answered: that answer must be on the server first.
paper.addEventListener("click", async (event) => {
  const link = /** @type {HTMLAnchorElement|null} */ (/** @type {Element} */ (event.target).closest('a[href^="?#"]'));
  if (!link || !isReady) return;
  event.preventDefault();
  if (!(await queue.drain())) return showState();
  location.hash = link.hash;
  location.reload();
});

byId("elsewhere-here").addEventListener("click", goOnHere);
byId("elsewhere-leave").addEventListener("click", () => {
  const text = byId("elsewhere-text");
  text.textContent = text.dataset.left ?? "";
  byId("elsewhere-leave").hidden = true;
});
for (const id of ["elsewhere", "pause"]) dialogOf(id).addEventListener("cancel", (event) => event.preventDefault());

// News from the exam room ---------------------------------------------------------------------------------------

/** @param {{notices: import("./notices.js").Notice[], deadline: string|null, paused: boolean}} news */
function showNews({ notices: fresh, deadline, paused }) {
  setPaused(paused === true);
  const words = byId("notices").dataset;
  for (const { kind, text: told, seconds, at } of fresh) {
    const added = kind === "extend" && seconds ? (words.extended ?? "").replace("{minutes}", String(Math.round(seconds / 60))) : "";
    const text = [added, told].filter(Boolean).join(" ");
    if (!text) continue;
    const item = document.createElement("li");
    const when = new Date(at).toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", timeZone: config.time_zone });
    item.textContent = `${when} · ${text}`;
    byId("notices-list").prepend(item);
    byId("notices").hidden = false;
    byId("pause-text").textContent = text;
  }
  if (deadline !== null && Date.parse(deadline) !== toldEnd) toldEnd = Date.parse(deadline);
  if (fresh.some(({ kind }) => kind === "end" || kind === "extend") && isReady) queue.flush({ always: true });
}

/** @param {boolean} isPaused @param {number} [since] */
function setPaused(isPaused, since) {
  const dialog = dialogOf("pause");
  if (!isPaused) return void (dialog.open && resume());
  clock?.setPaused(true, since);
  if (!dialog.open) dialog.showModal();
}

/** The clock goes on only when the new deadline is known: by the old one the time may be over. */
async function resume() {
  if (isResuming) return;
  isResuming = true;
  const reply = await ask(config.responses_url, { token: csrfToken(), body: { events: [], device } });
  isResuming = false;
  if (reply.outcome !== "ok") {
    if (reply.outcome === "closed" || reply.outcome === "device") queue.halt(reply.outcome);
    return void setTimeout(resume, 2000);
  }
  heard(reply);
  clock?.setPaused(false);
  dialogOf("pause").close();
  queue.flush({ always: true });
}

byId("notices-read").addEventListener("click", () => {
  byId("notices").hidden = true;
  byId("notices-list").replaceChildren();
  byId("hand-in").focus();
});

// Handing in ----------------------------------------------------------------------------------------------------

let askedPart = 0; // the part that the summary leads to; 0: the end

paper.addEventListener("submit", (event) => {
  if (isLeaving) return;
  event.preventDefault();
  if (!isReady) return;
  const button = /** @type {HTMLButtonElement|null} */ (event.submitter);
  if (button?.name === "check") return void check(Number(button.value));
  askedPart = button?.name === "section" ? Number(button.value) : 0;
  const title = byId("confirm-title");
  title.textContent = (askedPart ? title.dataset.part : title.dataset.paper) ?? "";
  const go = byId("confirm-submit");
  go.textContent = (askedPart ? go.dataset.part : go.dataset.paper) ?? "";
  fillSummary({ slots: config.slots, answered: overview.answered(), flagged: overview.flagged() });
  dialogOf("confirm").showModal();
});
byId("sign-in").addEventListener("click", () => (isLeaving = true));
byId("confirm-back").addEventListener("click", () => dialogOf("confirm").close());
byId("confirm-submit").addEventListener("click", () => (askedPart ? goToPart(askedPart) : handIn()));
dialogOf("confirm").addEventListener("click", ({ target }) => {
  if (/** @type {Element} */ (target).matches("a")) dialogOf("confirm").close();
});

/** The time is over: nothing more can be answered, and what was is handed in as soon as there is network. */
function timeIsOver() {
  if (isLeaving || !tabs.isWorking || queue.state === "device") return;
  byId("questions-paper").inert = true;
  isTimeUp = !wantsHandIn;
  const next = /** @type {HTMLButtonElement|null} */ (document.getElementById("next-part"));
  if (next) goToPart(Number(next.value));
  else handIn();
}

/** The time was over, and more of it was given. */
function goOnAgain() {
  isTimeUp = wantsHandIn = false;
  nextPart = 0;
  byId("questions-paper").inert = false;
}

/** Finish this part and go on to the next, when everything of it is sent. @param {number} part */
async function goToPart(part) {
  dialogOf("confirm").close();
  nextPart = part;
  if (isHandingIn || isLeaving || !(await queue.drain()) || !nextPart) return;
  isHandingIn = true;
  const reply = await ask(config.section_url, { token: csrfToken(), body: { section: part } });
  isHandingIn = false;
  if (reply.outcome === "closed") return leave();
  if (reply.outcome === "ok" || reply.outcome === "section") {
    isLeaving = true;
    return location.replace(location.pathname);
  }
  isOffline = ["offline", "portal", "busy"].includes(reply.outcome);
  setTimeout(() => queue.flush({ always: true }), 1000 + Math.random() * 2000); // then this is tried again
  showState();
}

/** Send what is left, then hand in; without network as soon as there is one. */
async function handIn() {
  dialogOf("confirm").close();
  wantsHandIn = true;
  if (isHandingIn || isLeaving) return;
  isHandingIn = true;
  showState();
  if ((await queue.drain()) && wantsHandIn) {
    const reply = await ask(config.submit_url, { token: csrfToken(), body: {} });
    if (reply.outcome === "ok" && isReceipt(reply.data)) finish(/** @type {any} */ (reply.data));
    else {
      // The next round asks for the time first, which says why in the usual words.
      queue.mustAsk = true;
      if (!["offline", "portal", "busy"].includes(reply.outcome)) heard(reply);
      setTimeout(() => queue.flush({ always: true }), 1000 + Math.random() * 2000);
      isOffline = ["offline", "portal", "busy"].includes(reply.outcome);
    }
  }
  isHandingIn = false;
  showState();
}

/** @param {import("./hand-in.js").Receipt} receipt */
function finish(receipt) {
  isLeaving = true;
  notices.stop();
  queue.halt("closed");
  paper.hidden = true;
  showReceipt(receipt, { total: config.slots.length, timeZone: config.time_zone });
}

/** The paper was handed in, here or elsewhere. What is on this device only is not forgotten. */
function leave() {
  if (isLeaving) return;
  isLeaving = true;
  location.replace(queue.pending().some(({ kind }) => kind === "answer") ? config.answer_file_url : config.result_url);
}

byId("keep-file-button").addEventListener("click", async () => {
  const entries = numbered(queue.pending(), queue.lastSeq);
  const text = await sealAnswers({ sitting: config.sitting, device, entries, anchor: queue.anchor(), key: config.answer_key });
  download(fileName(config.sitting), text, "application/json");
  byId("keep-file-done").hidden = false;
});

// Beginning -----------------------------------------------------------------------------------------------------

const clock = config.deadline
  ? new Clock({
      clock: byId("clock"),
      announcer: byId("clock-announcer"),
      time,
      deadline: Date.parse(config.deadline),
      minutesLeft: saved.dataset.left ?? "",
      minuteLeft: saved.dataset.leftOne ?? "",
      onEnd: timeIsOver,
      onDoubt: () => isReady && queue.flush({ always: true }),
    })
  : undefined;

/** What this device kept; answers that an older page left come before. */
async function readStore() {
  const { entries } = await store.open();
  store.onChange = showState;
  queue.load(entries);
  for (const { kind, slot, response } of readLegacy(config.sitting)) {
    if (!places.has(slot) || entries.some((one) => one.kind === kind && one.slot === slot)) continue;
    await queue.add(kind, slot, response);
  }
  if (store.isLasting) forgetLegacy(config.sitting);
  await store.write({ anchor: queue.anchor() });
}

async function begin() {
  paper.classList.add("has-script");
  const isFirst = await tabs.claim();
  if (!isFirst) return showElsewhere("tab");
  await readStore();
  // Given before the page could listen.
  const early = [...places].filter(([slot, place]) => !saysTheSame(place, readResponse(place), known.get(slot) ?? {}));
  const given = early.map(([slot, place]) => /** @type {const} */ ([slot, readResponse(place)]));
  restore();
  isReady = true;
  for (const [slot, response] of given) {
    const place = /** @type {HTMLElement} */ (places.get(slot));
    writeResponse(place, response);
    await noteAnswer(slot, place);
  }
  paper.classList.add("is-ready");
  showState();
  if (config.paused) setPaused(true, Date.parse(config.paused_at ?? "") || undefined);
  if (config.device && config.device !== device) return showElsewhere("device");
  if (queue.pending().length) queue.flush();
  if (clock && !clock.isPaused && clock.left() === 0) timeIsOver();
}
begin();
