// Answers that the server has not acknowledged: kept in the browser's storage, sent in small batches, in order.
// @ts-check

/** @typedef {{seq: number, slot: number, response: Record<string, unknown>, client_time: string}} AnswerEvent */
/** @typedef {{state: "saved"|"saving"|"offline"|"refused", message?: string}} QueueState */

const DELAY = 1500; // milliseconds from the last change to sending
const RETRY = 5000; // milliseconds after a failed attempt
const MOST = 100; // events in a batch

export class AnswerQueue {
  /** @param {{key: string, url: string, token: string, lastSeq: number, onState: (state: QueueState) => void}} options */
  constructor({ key, url, token, lastSeq, onState }) {
    this.key = key;
    this.url = url;
    this.token = token;
    this.onState = onState;
    /** @type {AnswerEvent[]} */
    this.events = this.#load();
    this.nextSeq = Math.max(lastSeq, ...this.events.map((event) => event.seq)) + 1;
    // What another page has had acknowledged meanwhile gets a new number: an old one would be refused.
    if (this.events.some((event) => event.seq <= lastSeq)) this.#renumber(lastSeq);
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = undefined;
    this.sending = false;
  }

  /** @param {number} slot @param {Record<string, unknown>} response */
  add(slot, response) {
    const last = this.events.at(-1);
    const unsent = !this.sending && last && last.slot === slot;
    if (unsent) Object.assign(last, { response, client_time: new Date().toISOString() });
    else this.events.push({ seq: this.nextSeq++, slot, response, client_time: new Date().toISOString() });
    this.#store();
    this.onState({ state: "saving" });
    this.#later(DELAY);
  }

  /** @returns {AnswerEvent[]} what is on this device only */
  pending() {
    return this.events;
  }

  /** The paper is handed in: the form carries everything. */
  forget() {
    clearTimeout(this.timer);
    try {
      localStorage.removeItem(this.key);
    } catch {
      // storage is switched off
    }
  }

  /** Send what there is now. @param {{keepalive?: boolean}} [options] */
  async flush({ keepalive = false } = {}) {
    clearTimeout(this.timer);
    if (this.sending || !this.events.length) return;
    this.sending = true;
    const batch = this.events.slice(0, MOST);
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
        body: JSON.stringify({ events: batch }),
        keepalive,
      });
      const data = await response.json().catch(() => ({}));
      if (response.ok) {
        this.events = this.events.filter((event) => event.seq > data.acknowledged);
        this.#store();
        this.onState({ state: this.events.length ? "saving" : "saved" });
        if (this.events.length) this.#later(0);
      } else if (response.status >= 500) {
        this.onState({ state: "offline" });
        this.#later(RETRY);
      } else {
        this.onState({ state: "refused", message: typeof data.detail === "string" ? data.detail : String(response.status) });
      }
    } catch {
      this.onState({ state: "offline" });
      this.#later(RETRY);
    } finally {
      this.sending = false;
    }
  }

  /** @param {number} delay */
  #later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), delay);
  }

  /** @param {number} lastSeq */
  #renumber(lastSeq) {
    this.nextSeq = lastSeq + 1;
    for (const event of this.events) event.seq = this.nextSeq++;
    this.#store();
  }

  /** @returns {AnswerEvent[]} */
  #load() {
    try {
      const events = JSON.parse(localStorage.getItem(this.key) ?? "[]");
      return Array.isArray(events) ? events : [];
    } catch {
      return [];
    }
  }

  #store() {
    try {
      if (this.events.length) localStorage.setItem(this.key, JSON.stringify(this.events));
      else localStorage.removeItem(this.key);
    } catch {
      // Without storage the answers live in this page and are still sent.
    }
  }
}
