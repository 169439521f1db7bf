// What the exam room is told between answers: messages, a pause, more time, the end. A cheap pulse asks every few seconds
// while the page is seen; each answer of the server carries the same number.
// @ts-check

/** @typedef {import("./server-link.js").Reply} Reply */
/** @typedef {{number: number, kind: "message"|"pause"|"resume"|"extend"|"end", text: string, seconds?: number|null, at: string}} Notice */
/**
 * @typedef {object} NoticeOptions
 * @property {string} url
 * @property {string} pulseUrl "" when there is none
 * @property {typeof import("./server-link.js").ask} ask
 * @property {(news: {notices: Notice[], deadline: string|null, paused: boolean}) => void} onNews
 * @property {(reply: Reply) => void} onPulse told of each outcome of the pulse
 */

const EVERY = 5000; // milliseconds
const MOST = 60_000; // … while nobody answers

export class Notices {
  /** @param {NoticeOptions} options */
  constructor(options) {
    this.options = options;
    this.count = 0; // notices that the server is known to have
    this.last = 0; // number of the last one that was shown; numbers may leave gaps
    this.wait = EVERY;
    this.lastWord = performance.now();
    this.isAsking = false;
    this.isStopped = false;
    if (options.pulseUrl) this.#later();
  }

  /** Any answer of the server that says how many notices there are. @param {Reply} reply */
  heard({ notices }) {
    this.lastWord = performance.now();
    if (notices !== undefined && notices > this.count) this.#fetch(notices);
  }

  stop() {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** @param {number} count */
  async #fetch(count) {
    if (this.isAsking || this.isStopped) return;
    this.isAsking = true;
    const { url, ask, onNews } = this.options;
    const { outcome, data } = await ask(`${url}?after=${this.last}`);
    this.isAsking = false;
    if (outcome !== "ok" || !Array.isArray(data.notices)) return;
    this.count = count;
    this.last = Math.max(this.last, ...data.notices.map(({ number }) => number));
    onNews(/** @type {any} */ (data));
  }

  #later() {
    clearTimeout(this.timer);
    /** @type {ReturnType<typeof setTimeout>|undefined} */
    this.timer = setTimeout(() => this.#pulse(), this.wait);
  }

  /** Ask now, for instance because the device slept. */
  async ask() {
    if (this.isStopped || !this.options.pulseUrl) return;
    this.lastWord = -Infinity;
    await this.#pulse();
  }

  async #pulse() {
    const { pulseUrl, ask, onPulse } = this.options;
    const isFresh = performance.now() - this.lastWord < EVERY - 100;
    if (document.visibilityState === "visible" && !isFresh) {
      const reply = await ask(pulseUrl);
      if (this.isStopped) return;
      this.wait = reply.outcome === "ok" ? EVERY : Math.min(MOST, this.wait * 2);
      onPulse(reply);
      const told = reply.notices ?? (Number.isInteger(reply.data.notices) ? reply.data.notices : undefined);
      if (reply.outcome === "ok") this.heard({ ...reply, notices: told });
    }
    this.#later();
  }
}
