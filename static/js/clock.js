// The time that is left, by the server's clock. The device's own clock may be a day off or be changed: only its running
// counts, and each answer of the server corrects it by half of the way there and back.
// @ts-check

const ANNOUNCE = [10, 5, 1]; // minutes at which a screen reader is told
const DRIFT = 0.0001; // seconds that a quartz may go wrong in a second
const LEAP = 2000; // milliseconds by which the two clocks of a device part when it slept or was set

/** The server's time, from what it said and the running of this device. All in milliseconds. */
export class ServerTime {
  constructor() {
    this.offset = 0;
    this.doubt = Infinity; // how far `offset` may be wrong
    this.taken = 0;
  }

  /** The server said `serverTime` between `sent` and `received` (performance.now()). @param {number} serverTime @param {number} sent @param {number} received */
  learn(serverTime, sent, received) {
    const doubt = Math.max(0, received - sent) / 2;
    if (Number.isNaN(serverTime) || doubt > this.doubt + (received - this.taken) * DRIFT) return;
    this.offset = serverTime - (sent + received) / 2;
    this.doubt = doubt;
    this.taken = received;
  }

  /** What was learned holds no longer: the device slept, or was halted. */
  forget() {
    this.doubt = Infinity;
  }

  now() {
    return performance.now() + this.offset;
  }
}

/**
 * @typedef {object} ClockOptions
 * @property {HTMLElement} clock
 * @property {HTMLElement} announcer
 * @property {ServerTime} time
 * @property {number} deadline
 * @property {string} minutesLeft words with {minutes}
 * @property {string} minuteLeft words
 * @property {() => void} onEnd
 * @property {() => void} onDoubt the device slept or its clock was set: ask the server
 */

export class Clock {
  /** @param {ClockOptions} options */
  constructor(options) {
    this.options = options;
    this.deadline = options.deadline;
    this.pausedAt = NaN;
    this.announced = Infinity;
    this.hasEnded = false;
    this.apart = Date.now() - performance.now();
    setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  /** An officer may have moved it. @param {number} deadline */
  setDeadline(deadline) {
    if (Number.isNaN(deadline) || deadline === this.deadline) return;
    if (deadline > this.deadline) {
      this.announced = Infinity;
      this.hasEnded = false;
    }
    this.deadline = deadline;
    this.#tick();
  }

  /** While paused, the time stands still. @param {boolean} isPaused @param {number} [since] by the server's time */
  setPaused(isPaused, since = this.options.time.now()) {
    if (isPaused === this.isPaused) return;
    this.pausedAt = isPaused ? since : NaN;
    this.#tick();
  }

  get isPaused() {
    return !Number.isNaN(this.pausedAt);
  }

  /** Whole seconds. */
  left() {
    return Math.max(0, Math.ceil((this.deadline - (this.isPaused ? this.pausedAt : this.options.time.now())) / 1000));
  }

  #tick() {
    const { clock, time, onDoubt, onEnd } = this.options;
    const apart = Date.now() - performance.now();
    if (Math.abs(apart - this.apart) > LEAP) {
      this.apart = apart;
      time.forget();
      onDoubt();
    }
    const left = this.left();
    clock.textContent = asTime(left);
    clock.classList.toggle("is-short", left <= 60);
    this.#announce(left);
    if (left > 0 || this.isPaused || this.hasEnded) return;
    this.hasEnded = true;
    onEnd();
  }

  /** @param {number} left */
  #announce(left) {
    const due = ANNOUNCE.find((minutes) => left <= minutes * 60 && left > (minutes - 1) * 60 && minutes < this.announced);
    if (due === undefined) return;
    this.announced = due;
    const { announcer, minutesLeft, minuteLeft } = this.options;
    announcer.textContent = due === 1 ? minuteLeft : minutesLeft.replace("{minutes}", String(due));
  }
}

/** @param {number} seconds */
export function asTime(seconds) {
  const hours = Math.floor(seconds / 3600);
  const parts = [Math.floor((seconds % 3600) / 60), seconds % 60].map((part) => String(part).padStart(2, "0"));
  return hours ? `${hours}:${parts.join(":")}` : parts.join(":");
}
