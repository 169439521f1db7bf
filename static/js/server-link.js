// Talking to the server: every outcome has a name. Only an answer that is certainly the server's own counts; what a
// captive portal, a proxy or a page to sign in says instead is none.
// @ts-check

/**
 * @typedef {"ok"|"offline"|"portal"|"signed-out"|"foreign"|"conflict"|"closed"|"invalid"|"device"|"paused"|"section"|"busy"|"refused"} Outcome
 * @typedef {{outcome: Outcome, data: Record<string, any>, notices: number|undefined, head: string, seconds: {sent: number, received: number}}} Reply
 */

const PATIENCE = 15_000; // milliseconds for one request
const MOST_KEPT_ALIVE = 60_000; // bytes that browsers send after the page is gone

/** @type {readonly string[]} */
const CODES = ["conflict", "closed", "invalid", "device", "paused", "section"];

/**
 * @param {string} url
 * @param {{token?: string, body?: unknown, keepalive?: boolean, patience?: number}} [options] with a body it is a POST
 * @returns {Promise<Reply>}
 */
export async function ask(url, { token, body, keepalive = false, patience = PATIENCE } = {}) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  const sent = performance.now();
  /** @param {Outcome} outcome @param {Record<string, any>} [data] @param {Headers} [headers] @returns {Reply} */
  const reply = (outcome, data = {}, headers) => {
    const notices = Number.parseInt(headers?.get("X-Notices") ?? "", 10);
    return {
      outcome,
      data,
      notices: Number.isNaN(notices) ? undefined : notices,
      head: headers?.get("X-Chain-Head") ?? "",
      seconds: { sent, received: performance.now() },
    };
  };
  try {
    const response = await fetch(url, {
      method: text === undefined ? "GET" : "POST",
      headers: { Accept: "application/json", ...(text === undefined ? {} : { "Content-Type": "application/json", "X-CSRFToken": token ?? "" }) },
      body: text,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "manual",
      keepalive: keepalive && new Blob([text ?? ""]).size < MOST_KEPT_ALIVE,
      signal: stop.signal,
    });
    if (response.type === "opaqueredirect" || response.redirected) return reply("portal");
    const isJson = /^application\/json\b/.test(response.headers.get("Content-Type") ?? "");
    const data = isJson ? await response.json() : undefined;
    if (typeof data !== "object" || data === null) return reply(response.status >= 500 || response.status === 429 ? "busy" : "portal");
    if (response.ok) return reply("ok", data, response.headers);
    return reply(outcomeOf(response.status, data), data, response.headers);
  } catch {
    return reply("offline"); // no network, no answer in time, or half an answer
  } finally {
    clearTimeout(timer);
  }
}

/** @param {number} status @param {Record<string, any>} data @returns {Outcome} */
function outcomeOf(status, data) {
  // 403: the token went with the session. Signing in brings both back, here or in another tab.
  if (status === 401 || status === 403) return "signed-out";
  if (status === 404) return "foreign";
  if (status >= 500 || status === 429 || status === 408) return "busy";
  return CODES.includes(data.code) ? data.code : "refused";
}
