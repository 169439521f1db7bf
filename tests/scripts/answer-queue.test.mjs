// The queue against a server that fails as servers and networks fail. Run by tests/assessments/test_sitting_scripts.py.
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { AnswerQueue } from "../../static/js/answer-queue.js";

const SERVER_TIME = "2026-11-25T02:00:00+00:00";

/** A log that takes batches as services/responses.py does; `faults` are used up one for each request. */
class Server {
  constructor() {
    this.log = [];
    this.faults = [];
    this.requests = 0;
    this.device = "";
  }

  ask = async (_url, { body }) => {
    this.requests++;
    const fault = this.faults.shift();
    if (fault === "lost") return this.reply("offline"); // the request never arrived
    const reply = this.take(body);
    return fault === "unheard" ? this.reply("offline") : reply; // the answer never arrived
  };

  take({ events, device }) {
    if (this.device && device !== this.device) return this.reply("device");
    const fresh = [];
    for (const event of events) {
      const known = this.log[event.seq - 1];
      if (known) {
        if (JSON.stringify([known.kind, known.slot, known.response]) !== JSON.stringify([event.kind, event.slot, event.response])) return this.conflict();
      } else if (event.seq !== this.log.length + fresh.length + 1) return this.conflict();
      else fresh.push(event);
      if (event.response.invalid) return this.reply("invalid", { code: "invalid", seq: event.seq, detail: "no answer" });
    }
    this.log.push(...structuredClone(fresh));
    return this.reply("ok", { acknowledged: this.log.length, server_time: SERVER_TIME, deadline: null }, `head${this.log.length}`);
  }

  conflict = () => this.reply("conflict", { code: "conflict", last_seq: this.log.length });
  reply = (outcome, data = {}, head = "") => ({ outcome, data, head, notices: 0, seconds: { sent: 0, received: 0 } });

  /** The last answer to each question. */
  counting() {
    return Object.fromEntries(this.log.filter(({ kind }) => kind === "answer").map(({ slot, response }) => [slot, response.choice]));
  }
}

/** A disk: what was written and not removed. */
class Disk {
  constructor() {
    this.entries = new Map();
  }

  write = async ({ put = [], remove = [] }) => {
    for (const entry of remove) this.entries.delete(entry.order);
    for (const entry of put) this.entries.set(entry.order, structuredClone(entry));
  };
}

function page(server, disk, { lastSeq = server.log.length, device = "here" } = {}) {
  const queue = new AnswerQueue({
    sitting: "s", url: "/", device, lastSeq, head: "head", serverTime: SERVER_TIME, token: () => "", store: disk,
    ask: server.ask, onChange: () => {}, onReply: () => {}, onKept: () => {},
  });
  queue.load([...disk.entries.values()]);
  return queue;
}

let server, disk;
beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  server = new Server();
  disk = new Disk();
});
test.afterEach(() => mock.timers.reset());

test("an answer is on the disk until the server has acknowledged it", async () => {
  const queue = page(server, disk);
  await queue.add("answer", 1, { choice: "a" });
  assert.equal(disk.entries.size, 1);
  assert.deepEqual([...queue.unsavedSlots()], [1]);
  server.faults = ["lost"];
  assert.equal(await queue.drain(), false);
  assert.equal(disk.entries.size, 1);
  assert.equal(await queue.drain(), true);
  assert.equal(disk.entries.size, 0);
  assert.deepEqual(queue.head, { digest: "head1", seq: 1 });
});

test("an acknowledgement that nobody heard leads to no second event", async () => {
  const queue = page(server, disk);
  await queue.add("answer", 1, { choice: "a" });
  await queue.add("answer", 2, { choice: "b" });
  server.faults = ["unheard"];
  await queue.flush();
  await queue.add("answer", 1, { choice: "c" }); // changed before it is sent again: another event, not the same number
  assert.equal(await queue.drain(), true);
  assert.equal(server.log.length, 3);
  assert.deepEqual(server.counting(), { 1: "c", 2: "b" });
});

test("after a crash, what the disk has is sent under the same numbers", async () => {
  const before = page(server, disk);
  await before.add("answer", 1, { choice: "a" });
  await before.add("check", 1, {});
  server.faults = ["unheard"];
  await before.flush();
  const after = page(server, disk);
  assert.equal(await after.drain(), true);
  assert.deepEqual(server.log.map(({ kind }) => kind), ["answer", "check"]); // no second try
});

test("unsent answers to one question are one, and a check keeps what came before it", async () => {
  const queue = page(server, disk);
  for (const choice of "abc") await queue.add("answer", 1, { choice });
  await queue.add("check", 1, {});
  await queue.add("answer", 1, { choice: "a" });
  await queue.drain();
  assert.deepEqual(server.log.map(({ kind, response }) => response.choice ?? kind), ["c", "check", "a"]);
});

test("another page that wrote meanwhile costs a new number and no answer", async () => {
  const queue = page(server, disk);
  server.log.push({ seq: 1, kind: "answer", slot: 5, response: { choice: "x" } });
  await queue.add("answer", 1, { choice: "a" });
  assert.equal(await queue.drain(), true);
  assert.deepEqual(server.counting(), { 1: "a", 5: "x" });
});

test("what is never taken stands in nobody's way and is not called saved", async () => {
  const queue = page(server, disk);
  await queue.add("answer", 1, { invalid: true });
  await queue.add("answer", 2, { choice: "b" });
  await queue.drain();
  await queue.drain();
  assert.deepEqual(server.counting(), { 2: "b" });
  assert.deepEqual(queue.refused().map(({ slot, refused }) => [slot, refused]), [[1, "no answer"]]);
  assert.deepEqual([...queue.unsavedSlots()], [1]);
  await queue.add("answer", 1, { choice: "a" });
  await queue.drain();
  assert.deepEqual([...queue.unsavedSlots()], []);
  assert.equal(disk.entries.size, 0);
});

test("an acknowledgement of less than was sent is none", async () => {
  const queue = page(server, disk);
  await queue.add("answer", 1, { choice: "a" });
  server.ask = undefined;
  queue.options.ask = async () => server.reply("ok", { acknowledged: 0, server_time: SERVER_TIME });
  await queue.flush();
  assert.equal(queue.state, "portal");
  assert.equal(disk.entries.size, 1);
});

test("a device that was left stops, and goes on after what is there when it is chosen again", async () => {
  const queue = page(server, disk);
  await queue.add("answer", 1, { choice: "a" });
  server.device = "there";
  server.log.push({ seq: 1, kind: "answer", slot: 1, response: { choice: "z" } });
  await queue.flush();
  assert.equal(queue.state, "device");
  const { requests } = server;
  await queue.add("answer", 2, { choice: "b" });
  await queue.flush();
  assert.equal(server.requests, requests);
  server.device = "here";
  await queue.restart(server.log.length, "", SERVER_TIME);
  assert.equal(await queue.drain(), true);
  assert.deepEqual(server.log.map(({ response }) => response.choice), ["z", "a", "b"]);
});

test("ten answers go at once, fewer after a pause, and batches keep their distance", async () => {
  const queue = page(server, disk);
  const settle = async () => {
    for (let turns = 0; turns < 20; turns++) await Promise.resolve();
  };
  await queue.add("answer", 1, { choice: "a" });
  mock.timers.tick(1400);
  await settle();
  assert.equal(server.requests, 0);
  mock.timers.tick(200);
  await settle();
  assert.equal(server.requests, 1);
  for (let slot = 2; slot <= 10; slot++) await queue.add("answer", slot, { choice: "a" });
  mock.timers.tick(5000);
  await settle();
  assert.equal(server.requests, 1);
  await queue.add("answer", 11, { choice: "a" });
  mock.timers.tick(1);
  await settle();
  assert.equal(server.requests, 2);
  assert.equal(server.log.length, 11);
});

test("whatever fails in whatever order: what counts in the end is what was chosen last", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    let state = seed;
    const random = (below) => (state = (state * 48271) % 2147483647) % below;
    server = new Server();
    disk = new Disk();
    let queue = page(server, disk);
    const chosen = {};
    for (let step = 0; step < 40; step++) {
      const what = random(10);
      if (what < 6) {
        const slot = 1 + random(6);
        chosen[slot] = "abcd"[random(4)] + step;
        await queue.add("answer", slot, { choice: chosen[slot] });
      } else if (what === 6) queue = page(server, disk); // reloaded
      else {
        server.faults = [["lost", "unheard", undefined][random(3)]];
        await queue.flush(random(2) ? { keepalive: true } : {});
        const saved = Object.entries(chosen).filter(([slot]) => !queue.unsavedSlots().has(Number(slot)));
        for (const [slot, choice] of saved) assert.equal(server.counting()[slot], choice, `seed ${seed}: said saved and was not`);
      }
    }
    server.faults = [];
    assert.equal(await queue.drain(), true);
    assert.deepEqual(server.counting(), chosen, `seed ${seed}`);
    assert.equal(disk.entries.size, 0);
  }
});
