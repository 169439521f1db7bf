// Answers that the server has not acknowledged: the last one of each question, kept in the browser's storage and sent
// in small batches. Several tabs may write; each removes only what it knows to be on the server.
// @ts-check

/** @typedef {"answer"|"flag"} Kind */
/** @typedef {{kind: Kind, slot: number, response: Record<string, unknown>, client_time: string}} Entry */
/** @typedef {{state: "saved"|"saving"|"offline"|"refused"|"signed-out"|"closed", message?: string}} QueueState */
/** @typedef {{acknowledged: number, server_time: string, deadline: string|null}} Acknowledgement */
/** @typedef {{key: string, url: string, lastSeq: number, token: () => string, onState: (state: QueueState) => void, onTime: (kept: Acknowledgement) => void}} QueueOptions */

const DELAY = 1500; // milliseconds from the last change to sending
const RETRY = 5000; // milliseconds after a failed attempt
const MOST = 100; // events in a batch
const MOST_CONFLICTS = 5; // one after the other, before the person is told

export class AnswerQueue {
  /** @param {QueueOptions} options */
  constructor({ key, url, lastSeq, token, onState, onTime }) {
    this.key = key;
    this.url = url;
    this.lastSeq = lastSeq;
    this.token = token;
    this.onState = onState;
    this.onTime = onTime;
    /** @type {Map<string, Entry>} */
    this.entries = this.#load();
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    /** @type {Promise<void>|undefined} */
    this.sending = undefined;
    this.conflicts = 0;
    this.mustAsk = false;
  }

  /** @param {Kind} kind @param {number} slot @param {Record<string, unknown>} response */
  add(kind, slot, response) {
    const entry = { kind, slot, response, client_time: new Date().toISOString() };
    this.entries.set(`${kind}:${slot}`, entry);
    this.#store(`${kind}:${slot}`, JSON.stringify(entry));
    this.onState({ state: "saving" });
    this.#later(DELAY);
  }

  /** @returns {Entry[]} what is on this device only */
  pending() {
    return [...this.entries.values()];
  }

  /** Send what there is now; with nothing to send and `always`, only ask for the time. @param {{keepalive?: boolean, always?: boolean}} [options] */
  async flush({ keepalive = false, always = false } = {}) {
    clearTimeout(this.timer);
    this.mustAsk ||= always;
    if (this.sending) return this.sending;
    if (!this.entries.size && !this.mustAsk) return;
    this.sending = this.#send(keepalive).finally(() => (this.sending = undefined));
    return this.sending;
  }

  /** @param {boolean} keepalive */
  async #send(keepalive) {
    const batch = [...this.entries].slice(0, MOST);
    let response;
    try {
      response = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.token() },
        body: JSON.stringify({ events: batch.map(([, entry], index) => ({ seq: this.lastSeq + index + 1, ...entry })) }),
        keepalive,
      });
    } catch {
      return this.#failed();
    }
    const data = await response.json().catch(() => ({}));
    if (response.ok) return this.#kept(batch, data);
    // 403: the token went with the session. Signing in brings both back, here or in another tab.
    if (response.status === 401 || response.status === 403) {
      this.#later(RETRY);
      return this.onState({ state: "signed-out" });
    }
    if (response.status >= 500 || response.status === 429) return this.#failed();
    if (data.code === "closed") return this.onState({ state: "closed", message: data.detail });
    if (data.code === "conflict" && this.conflicts++ < MOST_CONFLICTS) {
      this.lastSeq = data.last_seq;
      return this.#later(0);
    }
    // What will never be taken must not stand in the way of the rest.
    const refused = data.code === "invalid" ? batch[data.seq - this.lastSeq - 1] : undefined;
    if (refused) {
      this.#forget(refused);
      this.#later(RETRY);
    }
    this.onState({ state: "refused", message: typeof data.detail === "string" ? data.detail : String(response.status) });
  }

  /** @param {[string, Entry][]} batch @param {Acknowledgement} data */
  #kept(batch, data) {
    this.conflicts = 0;
    this.mustAsk = false;
    this.lastSeq = data.acknowledged;
    for (const sent of batch) this.#forget(sent);
    this.onTime(data);
    this.onState({ state: this.entries.size ? "saving" : "saved" });
    if (this.entries.size) this.#later(DELAY);
  }

  #failed() {
    this.onState({ state: "offline" });
    this.#later(RETRY);
  }

  /** Drop an entry, unless it was changed meanwhile, here or in another tab. @param {[string, Entry]} sent */
  #forget([name, entry]) {
    if (this.entries.get(name) === entry) this.entries.delete(name);
    try {
      if (localStorage.getItem(`${this.key}:${name}`) === JSON.stringify(entry)) localStorage.removeItem(`${this.key}:${name}`);
    } catch {
      // storage is switched off
    }
  }

  /** @param {number} delay */
  #later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), delay);
  }

  /** @returns {Map<string, Entry>} */
  #load() {
    const entries = new Map();
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith(`${this.key}:`)) continue;
        const entry = JSON.parse(localStorage.getItem(name) ?? "null");
        if (entry?.slot && entry.response) entries.set(name.slice(this.key.length + 1), entry);
      }
    } catch {
      // Without storage the answers live in this page and are still sent.
    }
    return entries;
  }

  /** @param {string} name @param {string} text */
  #store(name, text) {
    try {
      localStorage.setItem(`${this.key}:${name}`, text);
    } catch {
      // Full or switched off: the answer lives in this page and is still sent.
    }
  }
}
