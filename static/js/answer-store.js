// What this device keeps of a sitting: the answers that the server has not acknowledged, in IndexedDB. Each is written
// before it counts as given and deleted only after its acknowledgement. Where the browser keeps nothing (private mode,
// no room, switched off), `isLasting` is false and the page says so.
// @ts-check

/** @typedef {"answer"|"flag"|"check"|"section"} Kind */
/**
 * One thing that the candidate did. `order` is its place on this device; `seq` its number in the server's log, given
 * when it is first sent; `refused` says why the server will never take it.
 * @typedef {{sitting: string, order: number, seq: number|null, kind: Kind, slot: number|null, response: Record<string, any>, client_time: string, refused?: string}} Entry
 */
/**
 * What the server has acknowledged last: how far its log goes, and where known its digest there.
 * @typedef {{sitting: string, seq: number, head: string, head_seq: number, server_time: string}} Anchor
 */
/** @typedef {{put?: Entry[], remove?: Entry[], anchor?: Anchor}} Change */

const NAME = "hocso-answers";
const OPENING = 4000; // milliseconds; a browser that does not answer keeps nothing

export class AnswerStore {
  /** @param {string} sitting */
  constructor(sitting) {
    this.sitting = sitting;
    this.isLasting = false;
    /** @type {IDBDatabase|undefined} */
    this.base = undefined;
    /** @type {Change[]} */
    this.waiting = [];
    /** @type {Promise<void>|undefined} */
    this.writing = undefined;
    /** Told when the browser stops keeping answers, or keeps them again. @type {() => void} */
    this.onChange = () => {};
  }

  /** Open, and read what is there. @returns {Promise<{entries: Entry[], anchor: Anchor|undefined}>} */
  async open() {
    try {
      this.base = await timeLimited(openBase(), OPENING);
      this.base.onversionchange = () => this.base?.close();
      this.base.onclose = () => this.#lasts(false);
      const found = await this.read();
      this.isLasting = true;
      return found;
    } catch {
      this.isLasting = false;
      return { entries: [], anchor: undefined };
    }
  }

  /** What is there now, also written by another tab. @returns {Promise<{entries: Entry[], anchor: Anchor|undefined}>} */
  async read() {
    if (!this.base) return { entries: [], anchor: undefined };
    const work = this.base.transaction(["entries", "anchors"], "readonly");
    const [entries, anchor] = await Promise.all([
      asked(work.objectStore("entries").getAll(IDBKeyRange.bound([this.sitting, 0], [this.sitting, Infinity]))),
      asked(work.objectStore("anchors").get(this.sitting)),
    ]);
    return { entries, anchor };
  }

  /**
   * Write changes; resolves when they are on the disk (or cannot be). Those that come while it writes go together
   * in the next transaction, so that typing costs no more than the disk can do.
   * @param {Change} change
   * @returns {Promise<void>}
   */
  write(change) {
    if (!this.base) return Promise.resolve();
    this.waiting.push(change);
    const before = this.writing;
    if (!before) return (this.writing = this.#work());
    return before;
  }

  async #work() {
    while (this.waiting.length) {
      const change = together(this.waiting.splice(0));
      try {
        await this.#commit(change);
        this.#lasts(true);
      } catch {
        this.#lasts(false); // the answers live in the page, are still sent, and written with what comes next
        this.waiting.unshift(change);
        break;
      }
    }
    this.writing = undefined;
  }

  /** @param {Change} change @returns {Promise<void>} */
  #commit({ put = [], remove = [], anchor }) {
    return new Promise((resolve, reject) => {
      const base = /** @type {IDBDatabase} */ (this.base);
      // Strict: the answer is on the disk, not only with the operating system, when the battery dies.
      const work = base.transaction(["entries", "anchors"], "readwrite", { durability: "strict" });
      work.oncomplete = () => resolve();
      work.onabort = work.onerror = () => reject(work.error);
      const entries = work.objectStore("entries");
      for (const entry of remove) entries.delete([entry.sitting, entry.order]);
      for (const entry of put) entries.put(entry);
      if (anchor) work.objectStore("anchors").put(anchor);
    });
  }

  /** @param {boolean} lasts */
  #lasts(lasts) {
    if (this.isLasting === lasts) return;
    this.isLasting = lasts;
    this.onChange();
  }
}

/** What several changes, one after the other, come to. @param {Change[]} changes @returns {Change} */
function together(changes) {
  /** @type {Map<number, Entry>} */
  const put = new Map();
  /** @type {Map<number, Entry>} */
  const remove = new Map();
  for (const change of changes) {
    for (const entry of change.remove ?? []) {
      put.delete(entry.order);
      remove.set(entry.order, entry);
    }
    for (const entry of change.put ?? []) {
      remove.delete(entry.order);
      put.set(entry.order, entry);
    }
  }
  return { put: [...put.values()], remove: [...remove.values()], anchor: changes.reduce((last, { anchor }) => anchor ?? last, /** @type {Anchor|undefined} */ (undefined)) };
}

/** @returns {Promise<IDBDatabase>} */
function openBase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("entries", { keyPath: ["sitting", "order"] });
      request.result.createObjectStore("anchors", { keyPath: "sitting" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @template T @param {Promise<T>} promise @param {number} most @returns {Promise<T>} */
function timeLimited(promise, most) {
  return Promise.race([promise, new Promise((_resolve, reject) => setTimeout(() => reject(new Error("too slow")), most))]);
}

/**
 * Answers that an older page left in localStorage, oldest first; they are to be written to the store and then
 * `forgetLegacy` is to be called.
 * @param {string} sitting
 * @returns {{kind: Kind, slot: number, response: Record<string, any>, client_time: string}[]}
 */
export function readLegacy(sitting) {
  const found = [];
  try {
    for (const name of legacyNames(sitting)) {
      const entry = JSON.parse(localStorage.getItem(name) ?? "null");
      if (Number.isInteger(entry?.slot) && entry.response && ["answer", "flag"].includes(entry.kind)) found.push(entry);
    }
  } catch {
    // no storage, or not ours
  }
  return found.sort((a, b) => String(a.client_time).localeCompare(String(b.client_time)));
}

/** @param {string} sitting */
export function forgetLegacy(sitting) {
  try {
    legacyNames(sitting).forEach((name) => localStorage.removeItem(name));
  } catch {
    // no storage
  }
}

/** @param {string} sitting */
const legacyNames = (sitting) => Object.keys(localStorage).filter((name) => name.startsWith(`hocso-sitting-${sitting}:`));

/** The name of this browser on this machine, the same for all its tabs. @returns {string} */
export function deviceName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const fresh = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  for (const place of ["localStorage", "sessionStorage"]) {
    try {
      const storage = /** @type {Storage} */ (window[/** @type {"localStorage"} */ (place)]);
      const known = storage.getItem("hocso-device");
      if (known && /^[0-9a-z]{8,64}$/i.test(known)) return known;
      storage.setItem("hocso-device", fresh);
      if (storage.getItem("hocso-device") === fresh) return fresh;
    } catch {
      // switched off: the next place
    }
  }
  return fresh;
}
