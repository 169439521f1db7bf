// After a sitting: answers that this browser still has and the server does not, to be sent as an answer file. On other
// pages of the sitting only the hint that there are some (an element with data-leftovers) is shown.
// @ts-check
import { canSeal, download, fileName, numbered, sealAnswers } from "./answer-file.js";
import { AnswerStore, deviceName } from "./answer-store.js";

/** @typedef {import("./answer-store.js").Entry} Entry */

const hint = /** @type {HTMLElement|null} */ (document.querySelector("[data-leftovers]"));
if (hint) showHint(hint, hint.dataset.leftovers ?? "");
else if (document.getElementById("leftover")) showLeftovers();

/** @param {HTMLElement} place @param {string} sitting */
async function showHint(place, sitting) {
  const { entries } = await new AnswerStore(sitting).open();
  place.hidden = !entries.some(isWaiting);
}

/** @param {Entry} entry */
const isWaiting = (entry) => entry.kind === "answer" && !entry.refused;

async function showLeftovers() {
  const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  /** @type {{sitting: string, is_open: boolean, last_seq: number, head: string, upload_url: string, answer_key: import("./answer-file.js").Key}} */
  const config = JSON.parse(byId("leftover-config").textContent ?? "{}");
  const words = byId("leftover").dataset;
  const text = byId("leftover-text");
  const store = new AnswerStore(config.sitting);
  const found = await store.open();
  const entries = found.entries.filter((entry) => !entry.refused);
  const count = new Set(entries.filter(isWaiting).map(({ slot }) => slot)).size;
  text.textContent = ((count ? words.some : words.none) ?? "").replace("{waiting}", String(count));
  if (!count || !found.anchor) return;
  byId("leftover-actions").hidden = !canSeal();
  byId("leftover-impossible").hidden = canSeal();
  const { anchor } = found;

  const sealed = () =>
    sealAnswers({ sitting: config.sitting, device: deviceName(), entries: numbered(entries, anchor.seq), anchor, key: config.answer_key });
  byId("leftover-keep").addEventListener("click", async () => download(fileName(config.sitting), await sealed(), "application/json"));
  byId("leftover-send").addEventListener("click", async () => {
    const response = await fetch(config.upload_url, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: await sealed(),
      redirect: "manual",
    }).catch(() => undefined);
    const data = await response?.json().catch(() => undefined);
    // Only what the server has said to have is forgotten here.
    const isThere = (response?.ok && typeof data?.digest === "string") || (response?.status === 409 && data?.code === "known");
    if (isThere) {
      await store.write({ remove: found.entries });
      location.reload();
      return;
    }
    text.textContent = (response?.status === 401 || response?.status === 403 ? words.signedOut : data?.detail) ?? words.offline ?? "";
  });
}

function csrfToken() {
  return /** @type {HTMLInputElement} */ (document.querySelector("[name=csrfmiddlewaretoken]")).value;
}
