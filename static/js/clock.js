// The time that is left, by the server's clock. The device's own clock may be wrong or be changed: only its
// running counts, and each answer of the server corrects it.
// @ts-check

const ANNOUNCE = [30, 15, 10, 5, 1]; // minutes at which a screen reader is told

/** @typedef {{clock: HTMLElement, announcer: HTMLElement, serverTime: number, deadline: number, minutesLeft: string, onEnd: () => void}} ClockOptions */

export class Clock {
  /** @param {ClockOptions} options */
  constructor({ clock, announcer, serverTime, deadline, minutesLeft, onEnd }) {
    this.clock = clock;
    this.announcer = announcer;
    this.deadline = deadline;
    this.minutesLeft = minutesLeft;
    this.onEnd = onEnd;
    this.announced = Infinity;
    this.offset = serverTime - performance.now();
    /** @type {ReturnType<typeof setInterval>|undefined} */
    this.timer = setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  /** The server has told its time, and the deadline, which an officer may have moved. @param {number} serverTime @param {number} deadline */
  sync(serverTime, deadline) {
    this.offset = serverTime - performance.now();
    this.deadline = deadline;
    this.#tick();
  }

  #tick() {
    const left = Math.max(0, Math.ceil((this.deadline - performance.now() - this.offset) / 1000));
    const hours = Math.floor(left / 3600);
    const parts = [Math.floor((left % 3600) / 60), left % 60].map((part) => String(part).padStart(2, "0"));
    this.clock.textContent = hours ? `${hours}:${parts.join(":")}` : parts.join(":");
    this.clock.classList.toggle("is-short", left <= 60);
    const due = ANNOUNCE.find((minutes) => left <= minutes * 60 && minutes < this.announced && left > (minutes - 1) * 60);
    if (due !== undefined) {
      this.announced = due;
      this.announcer.textContent = this.minutesLeft.replace("{minutes}", String(due));
    }
    if (left === 0 && this.timer) {
      clearInterval(this.timer);
      this.timer = undefined;
      this.onEnd();
    }
  }
}
