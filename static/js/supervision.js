// The live board: it asks for its rows every few seconds, keeps ticks and focus, and shows each act in a dialog.
// Without this script the same buttons lead to pages of their own.
// @ts-check

const EVERY = 5000;
const PATIENCE = 10000;

/** @param {HTMLElement} board */
export function start(board) {
  const rows = /** @type {HTMLElement} */ (board.querySelector("[data-board-rows]"));
  const form = /** @type {HTMLFormElement} */ (board.querySelector("[data-board-form]"));
  const dialog = /** @type {HTMLDialogElement} */ (board.querySelector("[data-board-dialog]"));
  const offline = /** @type {HTMLElement} */ (board.querySelector("[data-board-offline]"));
  const nobody = /** @type {HTMLElement} */ (board.querySelector("[data-board-nobody]"));
  const toggle = /** @type {HTMLButtonElement} */ (board.querySelector("[data-board-pause]"));
  let isStopped = false;

  /** @returns {HTMLInputElement[]} */
  const boxes = () => [...rows.querySelectorAll('input[name="sitting"]')].map((box) => /** @type {HTMLInputElement} */ (box));

  /** The box that ticks all; made anew with the rows. */
  function prepareAll() {
    const all = /** @type {HTMLInputElement|null} */ (rows.querySelector("[data-board-all]"));
    if (all) {
      all.hidden = false;
      all.addEventListener("change", () => boxes().forEach((box) => (box.checked = all.checked)));
    }
  }

  /** @param {string} html */
  function show(html) {
    const ticked = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
    const focused = document.activeElement;
    const key = rows.contains(focused) ? focusKey(/** @type {Element} */ (focused)) : "";
    const all = /** @type {HTMLInputElement|null} */ (rows.querySelector("[data-board-all]"))?.checked;
    rows.innerHTML = html;
    boxes().forEach((box) => (box.checked = ticked.has(box.value)));
    prepareAll();
    const again = /** @type {HTMLInputElement|null} */ (rows.querySelector("[data-board-all]"));
    if (again && all) again.checked = true;
    if (key) /** @type {HTMLElement|null} */ (rows.querySelector(key))?.focus({ preventScroll: true });
  }

  async function refresh() {
    if (!isStopped && !document.hidden && !dialog.open) {
      try {
        const answer = await fetch(board.dataset.board ?? "", { signal: AbortSignal.timeout(PATIENCE), redirect: "error" });
        if (!answer.ok) throw new Error(String(answer.status));
        const html = await answer.text();
        if (!dialog.open) show(html);
        offline.hidden = true;
      } catch {
        offline.hidden = false;
      }
    }
    setTimeout(refresh, EVERY);
  }

  /** @param {string} address */
  async function open(address) {
    const answer = await fetch(address, { redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    fill(await answer.text());
    dialog.showModal();
    focusFirst();
  }

  /** @param {string} html */
  function fill(html) {
    dialog.innerHTML = html;
    dialog.querySelector("[data-close]")?.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.close();
    });
    dialog.querySelector("form")?.addEventListener("submit", (event) => {
      event.preventDefault();
      send(/** @type {HTMLFormElement} */ (event.target));
    });
  }

  function focusFirst() {
    /** @type {HTMLElement|null} */ (dialog.querySelector("[autofocus], textarea, input:not([type=hidden])"))?.focus();
  }

  /** The key in the form makes sending it twice one act. @param {HTMLFormElement} act */
  async function send(act) {
    const button = /** @type {HTMLButtonElement|null} */ (act.querySelector("button[type=submit]"));
    if (button) button.disabled = true;
    const content = new FormData(act);
    content.set("dialog", "1");
    try {
      const answer = await fetch(act.action, { method: "POST", body: content });
      if (answer.redirected) {
        window.location.assign(answer.url);
        return;
      }
      fill(await answer.text());
      focusFirst();
    } catch {
      if (button) button.disabled = false;
      offline.hidden = false;
      dialog.close();
    }
  }

  form.addEventListener("submit", (event) => {
    const button = /** @type {HTMLButtonElement|null} */ (event.submitter);
    if (!button?.hasAttribute("data-act")) return;
    event.preventDefault();
    const asked = new FormData(form);
    nobody.hidden = asked.get("who") !== "chosen" || asked.has("sitting");
    if (!nobody.hidden) return;
    asked.set("dialog", "1");
    const query = new URLSearchParams(/** @type {any} */ (asked));
    open(`${button.formAction.split("?")[0]}?${query}`).catch(() => (offline.hidden = false));
  });
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    isStopped = !isStopped;
    toggle.textContent = (isStopped ? toggle.dataset.go : toggle.dataset.stop) ?? "";
  });
  prepareAll();
  setTimeout(refresh, EVERY);
}

/** How to find what has the focus in rows that were made anew. @param {Element} element */
function focusKey(element) {
  if (element.hasAttribute("data-board-all")) return "[data-board-all]";
  if (element instanceof HTMLInputElement) return `input[name="sitting"][value="${CSS.escape(element.value)}"]`;
  const key = element.getAttribute("data-key");
  return key ? `[data-key="${CSS.escape(key)}"]` : "";
}

document.querySelectorAll("[data-board]").forEach((board) => start(/** @type {HTMLElement} */ (board)));
