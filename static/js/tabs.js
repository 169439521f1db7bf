// One tab of a browser works on a sitting, the others stand by: two that answer at once would each show half the truth.
// A lock that the browser gives back when the tab ends says who it is; where there are none (no TLS), tabs ask each other.
// @ts-check

const PATIENCE = 900; // milliseconds in which a tab that is being reloaded lets go, and a living one answers
const TAKING = 2500; // … in which a tab that was asked to stand by does so; after that it is taken for frozen

/** @typedef {Record<string, any>} Left what a tab leaves to the next: where its page stood */

export class Tabs {
  /** @param {{name: string, onAsked: () => Promise<Left>}} options onAsked: stand by now, and say where the page stands */
  constructor({ name, onAsked }) {
    this.name = name;
    this.onAsked = onAsked;
    this.isWorking = false;
    this.me = `${Date.now()}-${Math.random()}`;
    /** @type {() => void} */
    this.letGo = () => {};
    /** @type {(left: Left) => void} */
    this.onLeft = () => {};
    /** @type {() => void} */
    this.onHere = () => {};
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : undefined;
    this.channel?.addEventListener("message", ({ data }) => this.#heard(data));
  }

  /** Whether this tab works on the sitting now; false when another one does. @returns {Promise<boolean>} */
  async claim() {
    const isFree = navigator.locks ? await this.#lock(PATIENCE) : !(await this.#isSomebodyHere());
    return (this.isWorking = isFree);
  }

  /** Go on in this tab; resolves with what the other one leaves, `undefined` when it did not answer. @returns {Promise<Left|undefined>} */
  async take() {
    const left = await new Promise((resolve) => {
      this.onLeft = resolve;
      this.#say("stand-by");
      setTimeout(() => resolve(undefined), TAKING);
    });
    if (navigator.locks && !(await this.#lock(PATIENCE))) await this.#lock(0, true);
    this.isWorking = true;
    return left;
  }

  /** @param {string} word @param {Left} [left] */
  #say(word, left) {
    this.channel?.postMessage({ word, left, from: this.me });
  }

  /** @param {{word: string, left?: Left}} message */
  async #heard({ word, left }) {
    if (word === "anybody" && this.isWorking) this.#say("here");
    else if (word === "here") this.onHere();
    else if (word === "left") this.onLeft(left ?? {});
    else if (word === "stand-by" && this.isWorking) {
      this.isWorking = false;
      const state = await this.onAsked();
      this.letGo();
      this.#say("left", state);
    }
  }

  /** @returns {Promise<boolean>} */
  #isSomebodyHere() {
    if (!this.channel) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.onHere = () => resolve(true);
      this.#say("anybody");
      setTimeout(() => resolve(false), PATIENCE);
    });
  }

  /** @param {number} patience @param {boolean} [steal] @returns {Promise<boolean>} */
  #lock(patience, steal = false) {
    return new Promise((resolve) => {
      const stop = new AbortController();
      const timer = steal ? undefined : setTimeout(() => stop.abort(), patience);
      navigator.locks
        .request(this.name, steal ? { steal } : { signal: stop.signal }, () => {
          clearTimeout(timer);
          resolve(true);
          return new Promise((/** @type {(value?: unknown) => void} */ done) => (this.letGo = () => done()));
        })
        .catch(async () => {
          if (this.isWorking) {
            // Stolen: this tab was frozen, and another one goes on.
            this.isWorking = false;
            await this.onAsked();
          }
          resolve(false);
        });
    });
  }
}
