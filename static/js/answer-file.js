// The answer file: what the server has not acknowledged, chained to what it has, and sealed for it alone (ECDH P-256,
// HKDF-SHA-256, AES-256-GCM). Its form is read by assessments/answer_seal.py.
// @ts-check

/** @typedef {import("./answer-store.js").Entry} Entry */
/** @typedef {import("./answer-store.js").Anchor} Anchor */
/** @typedef {{id: string, public: string}} Key the server's public point, base64 */

const FORMAT = "hoc-so-answers";
const VERSION = 1;

/** Browsers give these means only to pages that came over TLS or from this machine. */
export const canSeal = () => typeof crypto !== "undefined" && crypto.subtle !== undefined;

/**
 * @param {{sitting: string, device: string, entries: Entry[], anchor: Anchor, key: Key, now?: Date}} content entries in order, each with its number
 * @returns {Promise<string>} the file's text
 */
export async function sealAnswers({ sitting, device, entries, anchor, key, now = new Date() }) {
  const lines = entries.map(({ seq, kind, slot, response, client_time }) => JSON.stringify({ seq, kind, slot, response, client_time }));
  let link = anchor.head;
  for (const line of lines) link = await sha256(`${link}\n${line}`);
  const content = {
    sitting,
    device,
    made_at: now.toISOString(),
    acknowledged: anchor.seq,
    anchor: { seq: anchor.head_seq, head: anchor.head },
    server_time: anchor.server_time,
    events: lines,
    head: link,
  };
  return seal(JSON.stringify(content), sitting, key);
}

/** @param {string} text @param {string} sitting @param {Key} key */
async function seal(text, sitting, key) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", fromBase64(key.public), curve, false, []);
  const ours = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  const ephemeral = await crypto.subtle.exportKey("raw", ours.publicKey);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, 256);
  const secret = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: ephemeral, info: bytesOf(FORMAT) };
  const lock = await crypto.subtle.deriveKey(hkdf, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = bytesOf([FORMAT, VERSION, sitting, key.id].join("\n"));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, lock, bytesOf(text));
  return JSON.stringify({
    format: FORMAT,
    version: VERSION,
    sitting,
    key: key.id,
    ephemeral: toBase64(new Uint8Array(ephemeral)),
    iv: toBase64(iv),
    data: toBase64(new Uint8Array(data)),
  });
}

/**
 * Entries with the numbers that they would be sent with, one after the other; those that were sent keep theirs where
 * the server's log, which goes to `lastSeq`, may have them under these.
 * @param {Entry[]} entries @param {number} lastSeq @returns {Entry[]}
 */
export function numbered(entries, lastSeq) {
  const first = entries[0]?.seq ?? Infinity;
  const goesOn = entries.every(({ seq }, index) => seq === null || seq === first + index) && first <= lastSeq + 1;
  const numbers = entries.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  const start = goesOn && Math.max(...numbers) >= lastSeq ? first : lastSeq + 1;
  return entries.map((entry, index) => ({ ...entry, seq: start + index }));
}

/** @param {string} sitting @param {Date} [now] */
export function fileName(sitting, now = new Date()) {
  const time = now.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  return `bai-lam-${sitting.slice(0, 8)}-${time}.hocso`;
}

/** Let the browser keep a text as a file. @param {string} name @param {string} text @param {string} type */
export function download(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {string} text */
const bytesOf = (text) => new TextEncoder().encode(text);

/** @param {string} text @returns {Promise<string>} */
async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", bytesOf(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** @param {string} text */
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
