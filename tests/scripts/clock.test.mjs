// The clock: the server's time whatever the device's own says. Run by tests/assessments/test_sitting_scripts.py.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { asTime, Clock, ServerTime } from "../../static/js/clock.js";

const MINUTE = 60_000;

/** A device whose two clocks are set by hand. */
function device() {
  const at = { running: 0, wall: 0 };
  mock.method(performance, "now", () => at.running);
  mock.method(Date, "now", () => at.wall);
  mock.timers.enable({ apis: ["setInterval"] });
  return {
    pass: (milliseconds) => {
      for (let passed = 0; passed < milliseconds; passed += 1000) {
        at.running += 1000;
        at.wall += 1000;
        mock.timers.tick(1000);
      }
    },
    sleep: (milliseconds) => (at.wall += milliseconds),
    at,
  };
}

function clockFor(minutes) {
  const time = new ServerTime();
  const told = { spoken: [], ended: 0, doubts: 0 };
  const announcer = { set textContent(text) { told.spoken.push(text); } };
  const face = { textContent: "", classList: { toggle() {} } };
  time.learn(1_000_000, 0, 0);
  const clock = new Clock({
    clock: face, announcer, time, deadline: 1_000_000 + minutes * MINUTE,
    minutesLeft: "{minutes} left", minuteLeft: "one left", onEnd: () => told.ended++, onDoubt: () => told.doubts++,
  });
  return { clock, time, told, face };
}

test.afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("half of the way there and back is taken off, and the surest answer counts", () => {
  const { at } = device();
  const time = new ServerTime();
  time.learn(10_000, 0, 400);
  at.running = 400;
  assert.equal(time.now(), 10_200);
  time.learn(99_000, 400, 4400); // a slow answer says less
  at.running = 4400;
  assert.equal(time.now(), 14_200);
  time.learn(14_310, 4400, 4440);
  at.running = 4440;
  assert.equal(time.now(), 14_330);
});

test("it is told politely at ten, five and one minutes, and ends once", () => {
  const { pass } = device();
  const { told, face } = clockFor(11);
  pass(11 * MINUTE);
  assert.deepEqual(told.spoken, ["10 left", "5 left", "one left"]);
  assert.equal(told.ended, 1);
  assert.equal(face.textContent, "00:00");
  pass(MINUTE);
  assert.equal(told.ended, 1);
});

test("more time begins the announcements and the end again", () => {
  const { pass } = device();
  const { clock, told } = clockFor(1);
  pass(MINUTE);
  assert.equal(told.ended, 1);
  clock.setDeadline(clock.deadline + 6 * MINUTE);
  pass(6 * MINUTE);
  assert.deepEqual(told.spoken, ["one left", "5 left", "one left"]);
  assert.equal(told.ended, 2);
});

test("the device's clock may be a day off or be set: only a doubt comes of it", () => {
  const { pass, sleep } = device();
  const { clock, told } = clockFor(30);
  sleep(24 * 60 * MINUTE);
  pass(1000);
  assert.equal(told.doubts, 1);
  assert.equal(clock.left(), 30 * 60 - 1);
});

test("after sleep the server's word counts at once, however slow it came", () => {
  const { pass, sleep, at } = device();
  const { clock, time } = clockFor(30);
  sleep(20 * MINUTE); // performance.now() stood still
  pass(1000);
  time.learn(1_000_000 + 20 * MINUTE + 1000, at.running - 3000, at.running);
  assert.ok(Math.abs(clock.left() - (10 * 60 - 2)) <= 2);
});

test("paused, it stands still", () => {
  const { pass } = device();
  const { clock, told } = clockFor(1);
  clock.setPaused(true);
  pass(5 * MINUTE);
  assert.equal(clock.left(), 60);
  assert.equal(told.ended, 0);
  clock.setDeadline(clock.deadline + 5 * MINUTE);
  clock.setPaused(false);
  assert.equal(clock.left(), 60);
});

test("hours are shown when there are some", () => {
  assert.deepEqual([asTime(0), asTime(61), asTime(3661)], ["00:00", "01:01", "1:01:01"]);
});
