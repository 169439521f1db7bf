// Answers on their way to the server: numbered, sent in small batches, and kept until exactly they were acknowledged.
// An entry that was sent once keeps its number and its content, so that sending it again says the same.
// @ts-check

/** @typedef {import("./answer-store.js").Entry} Entry */
/** @typedef {import("./answer-store.js").Kind} Kind */
/** @typedef {import("./server-link.js").Reply} Reply */
/** @typedef {"idle"|"waiting"|"sending"|"halted"|import("./server-link.js").Outcome} State */
/**
 * @typedef {object} QueueOptions
 * @property {string} sitting
 * @property {string} url
 * @property {string} device
 * @property {number} lastSeq how far the server's log goes
 * @property {string} head its digest there, "" when unknown
 * @property {string} serverTime when that was so
 * @property {() => string} token
 * @property {Pick<import("./answer-store.js").AnswerStore, "write">} store
 * @property {typeof import("./server-link.js").ask} ask
 * @property {() => void} onChange
 * @property {(reply: Reply) => void} onReply told of each answer that is the server's own, acknowledging or not
 * @property {(kept: Entry[]) => void} onKept told of what was acknowledged
 */

const IDLE = 1500; // milliseconds from the last change to sending
const OLDEST = 10_000; // … and from the first, for who types without a pause
const SPACING = 15_000; // between two batches that are not full
const FULL = 10; // entries that are sent at once
const MOST = 100; // entries in a batch
const MOST_LETTERS = 200_000; // of a batch's responses
const RETRY = { first: 2000, most: 30_000 }; // milliseconds after a failed attempt, doubled each time
const MOST_CONFLICTS = 5; // one after the other, before the person is told

export class AnswerQueue {
  /** @param {QueueOptions} options */
  constructor(options) {
    this.options = options;
    this.lastSeq = options.lastSeq;
    this.head = { digest: options.head, seq: options.lastSeq };
    this.savedAt = options.serverTime;
    /** @type {Entry[]} in the order in which they were made */
    this.entries = [];
    /** @type {State} */
    this.state = "idle";
    this.message = "";
    this.order = 0;
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    /** @type {Promise<void>|undefined} */
    this.sending = undefined;
    this.failures = 0;
    this.conflicts = 0;
    this.mustAsk = false;
    this.lastSent = -Infinity;
    this.firstChange = 0;
  }

  /** Go on with what the device kept. @param {Entry[]} entries */
  load(entries) {
    this.entries = [...entries].sort((a, b) => a.order - b.order);
    this.order = Math.max(this.order, ...this.entries.map((entry) => entry.order));
    this.#changed(this.entries.some((entry) => !entry.refused) ? "waiting" : "idle");
  }

  /**
   * Note what the candidate did. Resolves when it is on the device's disk (or the browser keeps nothing).
   * @param {Kind} kind @param {number|null} slot @param {Record<string, any>} response @param {{isOwn?: boolean}} [options] isOwn: takes no other's place
   * @returns {Promise<void>}
   */
  add(kind, slot, response, { isOwn = false } = {}) {
    const remove = isOwn ? [] : this.#replaced(kind, slot);
    const entry = { sitting: this.options.sitting, order: ++this.order, seq: null, kind, slot, response, client_time: new Date().toISOString() };
    if (!this.pending().length) this.firstChange = performance.now();
    this.entries = [...this.entries.filter((one) => !remove.includes(one)), entry];
    const stored = this.options.store.write({ put: [entry], remove });
    const isHurried = kind === "check" || kind === "section";
    if (this.state === "idle" || this.state === "waiting") {
      this.#changed("waiting");
      this.#later(isHurried ? 0 : this.#pace());
    } else if (this.state === "sending") this.#changed("sending");
    else this.options.onChange(); // a retry is planned, or a choice is waited for
    return stored;
  }

  /** What an entry to come makes pointless: unsent, of the same place, with no check of it in between. @param {Kind} kind @param {number|null} slot @returns {Entry[]} */
  #replaced(kind, slot) {
    const before = this.entries.filter((one) => one.slot === slot);
    const lastCheck = before.map((one) => one.kind === "check" && !one.refused).lastIndexOf(true);
    return before.filter((one, index) => one.kind === kind && (one.refused || (one.seq === null && index > lastCheck && kind !== "check")));
  }

  #pace() {
    if (this.pending().length >= FULL) return 0;
    const now = performance.now();
    const quiet = Math.min(now + IDLE, this.firstChange + OLDEST);
    return Math.max(quiet, this.lastSent + SPACING) - now;
  }

  /** @returns {Entry[]} what is to be sent and not acknowledged */
  pending() {
    return this.entries.filter((entry) => !entry.refused);
  }

  /** @returns {Entry[]} what the server will never take */
  refused() {
    return this.entries.filter((entry) => entry.refused);
  }

  /** @returns {Set<number>} places whose last answer the server has not acknowledged */
  unsavedSlots() {
    return new Set(this.entries.flatMap(({ kind, slot }) => (kind === "answer" && slot !== null ? [slot] : [])));
  }

  /** Send what there is now; with nothing to send and `always`, only ask for the time. @param {{keepalive?: boolean, always?: boolean}} [options] */
  async flush({ keepalive = false, always = false } = {}) {
    if (this.isHalted()) return;
    this.mustAsk ||= always;
    if (this.sending && !keepalive) return this.sending;
    if (!this.pending().length && !this.mustAsk) return;
    clearTimeout(this.timer);
    const sending = this.#send(keepalive).finally(() => {
      if (this.sending === sending) this.sending = undefined;
    });
    return (this.sending = sending);
  }

  /** Send everything; true when the server has acknowledged all of it. @returns {Promise<boolean>} */
  async drain() {
    await this.sending;
    for (let rounds = 0; this.pending().length && rounds < 20; rounds++) {
      const before = this.pending().length;
      await this.flush();
      if (!this.pending().length) break;
      if (this.pending().length >= before && this.state !== "waiting") return false;
    }
    return !this.pending().length;
  }

  /** Stop sending: another tab or device goes on. @param {State} state */
  halt(state) {
    clearTimeout(this.timer);
    this.#changed(state);
  }

  /** Whether nothing is sent until somebody chooses. */
  isHalted() {
    return ["halted", "device", "closed", "section"].includes(this.state);
  }

  /** Go on here: the log goes to `lastSeq` now, and what was not acknowledged gets numbers after it. @param {number} lastSeq @param {string} head @param {string} serverTime */
  async restart(lastSeq, head, serverTime) {
    for (const entry of this.pending()) entry.seq = null;
    this.lastSeq = lastSeq;
    if (head) this.head = { digest: head, seq: lastSeq };
    this.savedAt = serverTime;
    await this.options.store.write({ put: this.pending(), anchor: this.anchor() });
    this.failures = 0;
    this.#changed(this.pending().length ? "waiting" : "idle");
  }

  /** @returns {Entry[]} the next to send, each with its number */
  #batch() {
    const entries = this.pending();
    const numbers = entries.flatMap(({ seq }) => (seq === null ? [] : [seq]));
    const isInOrder = numbers.every((seq, index) => entries[index].seq === seq && (index ? seq === numbers[index - 1] + 1 : seq <= this.lastSeq + 1));
    if (!isInOrder) for (const entry of entries) entry.seq = null;
    let next = Math.max(this.lastSeq, ...(isInOrder ? numbers : []));
    let letters = 0;
    const batch = [];
    for (const entry of entries) {
      letters += JSON.stringify(entry.response).length;
      if (batch.length && (batch.length >= MOST || letters > MOST_LETTERS)) break;
      entry.seq ??= ++next;
      batch.push(entry);
    }
    return batch;
  }

  /** @param {boolean} keepalive the page may be gone in a moment */
  async #send(keepalive) {
    const { store, ask, url, device, token } = this.options;
    const batch = this.#batch();
    this.#changed("sending");
    const numbered = batch.length ? store.write({ put: batch }) : Promise.resolve();
    if (!keepalive) await numbered;
    this.lastSent = performance.now();
    const events = batch.map(({ seq, slot, kind, response, client_time }) => ({ seq, slot, kind, response, client_time }));
    const reply = await ask(url, { token: token(), body: { events, device }, keepalive });
    await this.#received(reply, batch);
  }

  /** @param {Reply} reply @param {Entry[]} batch */
  async #received(reply, batch) {
    const { outcome, data } = reply;
    if (!["offline", "portal", "busy"].includes(outcome) && !(outcome === "ok" && !isAcknowledgement(data, batch))) this.options.onReply(reply);
    this.message = typeof data.detail === "string" ? data.detail : "";
    if (outcome === "ok" && isAcknowledgement(data, batch)) return this.#kept(reply, batch);
    if (outcome === "ok") return this.#failed("portal");
    if (outcome === "closed" || outcome === "device") return this.halt(outcome);
    if (outcome === "conflict" && Number.isInteger(data.last_seq) && this.conflicts++ < MOST_CONFLICTS) {
      this.lastSeq = data.last_seq;
      for (const entry of this.pending()) entry.seq = null;
      this.#changed("waiting");
      return this.#later(0);
    }
    const refused = outcome === "invalid" ? batch.filter(({ seq }) => seq === data.seq) : outcome === "section" ? batch : [];
    if (!refused.length) return this.#failed(outcome === "conflict" || outcome === "invalid" ? "refused" : outcome);
    // What will never be taken must not stand in the way of the rest, nor be forgotten.
    for (const entry of refused) entry.refused = this.message || outcome;
    for (const entry of this.pending()) entry.seq = null;
    await this.options.store.write({ put: [...refused, ...this.pending()] });
    if (outcome === "section") return this.halt("section");
    this.#changed(this.pending().length ? "waiting" : "idle");
    if (this.pending().length) this.#later(IDLE);
  }

  /** @param {Reply} reply @param {Entry[]} batch */
  async #kept({ data, head }, batch) {
    this.failures = this.conflicts = 0;
    this.mustAsk = false;
    this.lastSeq = Math.max(this.lastSeq, data.acknowledged); // two may be on their way when the page was hidden
    this.savedAt = data.server_time;
    if (head && data.acknowledged >= this.head.seq) this.head = { digest: head, seq: data.acknowledged };
    this.entries = this.entries.filter((entry) => !batch.includes(entry));
    this.options.onKept(batch);
    this.firstChange = performance.now();
    const rest = this.pending().length;
    this.#changed(rest ? "waiting" : "idle");
    if (rest) this.#later(this.#pace());
    await this.options.store.write({ remove: batch, anchor: this.anchor() });
  }

  /** Where the server's log stands, as far as this page knows. @returns {import("./answer-store.js").Anchor} */
  anchor() {
    return { sitting: this.options.sitting, seq: this.lastSeq, head: this.head.digest, head_seq: this.head.seq, server_time: this.savedAt };
  }

  /** @param {State} state */
  #failed(state) {
    const wait = Math.min(RETRY.most, RETRY.first * 2 ** this.failures++);
    this.#changed(state);
    this.#later(wait * (0.5 + Math.random() / 2)); // not all rooms at once when the network is back
  }

  /** @param {number} delay */
  #later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush({ always: this.mustAsk }), Math.max(0, delay));
  }

  /** @param {State} state */
  #changed(state) {
    this.state = state;
    this.options.onChange();
  }
}

/** Whether this is what the server says when it has kept the whole batch. @param {Record<string, any>} data @param {Entry[]} batch */
function isAcknowledgement(data, batch) {
  const last = Math.max(0, ...batch.map(({ seq }) => seq ?? 0));
  return Number.isInteger(data.acknowledged) && data.acknowledged >= last && !Number.isNaN(Date.parse(data.server_time));
}
