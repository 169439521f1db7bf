// The time that is left, by the server's clock.
// @ts-check

const ANNOUNCE = [30, 15, 10, 5, 1]; // minutes at which a screen reader is told

/** @param {{clock: HTMLElement, announcer: HTMLElement, serverTime: number, deadline: number, words: {minutes: string, seconds: string}, onEnd: () => void}} options */
export function startClock({ clock, announcer, serverTime, deadline, words, onEnd }) {
  const offset = serverTime - Date.now();
  let announced = Infinity;
  const tick = () => {
    const left = Math.max(0, Math.ceil((deadline - Date.now() - offset) / 1000));
    const hours = Math.floor(left / 3600);
    const parts = [Math.floor((left % 3600) / 60), left % 60].map((part) => String(part).padStart(2, "0"));
    clock.textContent = hours ? `${hours}:${parts.join(":")}` : parts.join(":");
    clock.classList.toggle("is-short", left <= 60);
    const due = ANNOUNCE.find((minutes) => left <= minutes * 60 && minutes < announced && left > (minutes - 1) * 60);
    if (due !== undefined) {
      announced = due;
      announcer.textContent = words.minutes.replace("{minutes}", String(due));
    }
    if (left === 0) {
      clearInterval(timer);
      onEnd();
    }
  };
  const timer = setInterval(tick, 1000);
  tick();
}
