// Where the answers are, in words: on the server, on this device, or only in this page. Never more than is known.
// @ts-check

/**
 * @typedef {object} Facts
 * @property {import("./answer-queue.js").State} state
 * @property {number} saved answers that the server has acknowledged
 * @property {number} total questions
 * @property {number} waiting entries that it has not
 * @property {boolean} isLasting whether they survive this page
 * @property {boolean} isHandingIn
 * @property {boolean} isOffline the pulse says that there is no network
 * @property {string} time of the last acknowledgement
 * @property {{number: number|string, message: string}|undefined} refused
 */
/** @typedef {{text: string, look: "is-saved"|"is-offline"|"", key: string}} Said */

/** @param {DOMStringMap} words @param {Facts} facts @returns {Said} */
export function sayWhatIsSaved(words, facts) {
  const key = keyOf(facts);
  const where = (facts.isLasting ? words.whereDevice : words.wherePage) ?? "";
  const values = /** @type {Record<string, string|number>} */ ({
    n: facts.saved,
    total: facts.total,
    waiting: facts.waiting,
    time: facts.time,
    where,
    number: facts.refused?.number ?? "",
    message: facts.refused?.message ?? "",
  });
  const text = (words[key] ?? "").replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  return { text, look: key === "saved" ? "is-saved" : ["waiting", "handingIn"].includes(key) ? "" : "is-offline", key };
}

/** @param {Facts} facts @returns {string} the name of the sentence */
function keyOf({ state, waiting, isHandingIn, isOffline, refused }) {
  if (state === "signed-out") return "signedOut";
  if (state === "foreign") return "foreign";
  if (state === "paused") return "paused";
  if (state === "device" || state === "halted") return "elsewhere";
  if (state === "portal" && waiting) return "portal";
  if (state === "busy" && waiting) return "busy";
  const isCutOff = state === "offline" || state === "portal" || state === "busy" || isOffline;
  if (isCutOff && isHandingIn) return "offlineEnd";
  if (isCutOff) return waiting ? "offline" : "offlineNone";
  if (refused) return "refused";
  if (isHandingIn) return "handingIn";
  return waiting ? "waiting" : "saved";
}
