import { expect, test } from "vitest";
import { Problem } from "./api/problem";
import { fingerprint, IdempotencyKeys } from "./idempotency";

const refusal = (status: number, code = "") => new Problem(status, { title: "Refused", code });

/** Sends the body and fails with `error`; the key it was sent with. */
async function failing(keys: IdempotencyKeys, body: unknown, error: Problem): Promise<string> {
  let used = "";
  await keys
    .send(body, (key) => {
      used = key;
      return Promise.reject(error);
    })
    .catch(() => undefined);
  return used;
}
const done = (keys: IdempotencyKeys, body: unknown) => keys.send(body, (key) => Promise.resolve(key));

test.each([
  ["the connection is lost", refusal(0)],
  ["the server fails", refusal(503)],
  ["the first request still runs", refusal(409, "idempotency_in_progress")],
])("a retry of the same body has the same key while %s", async (_, error) => {
  const keys = new IdempotencyKeys();
  const first = await failing(keys, { amount: 5 }, error);
  expect(await failing(keys, { amount: 5 }, error)).toBe(first);
  expect(await done(keys, { amount: 5 })).toBe(first);
});

test("another body has another key, and coming back to an unanswered one finds its key again", async () => {
  const keys = new IdempotencyKeys();
  const five = await failing(keys, { amount: 5 }, refusal(0));
  const six = await failing(keys, { amount: 6 }, refusal(0));
  expect(six).not.toBe(five);
  expect(keys.keyFor({ amount: 5 })).toBe(five);
});

test.each([400, 403, 404, 409, 412, 422, 429])(
  "after a refusal with %i the same body is a new request",
  async (status) => {
    const keys = new IdempotencyKeys();
    const refused = await failing(keys, { beacon: "x" }, refusal(status));
    expect(await done(keys, { beacon: "x" })).not.toBe(refused);
  },
);

test("what was done can be done again, as another request", async () => {
  const keys = new IdempotencyKeys();
  expect(await done(keys, { delta: 1 })).not.toBe(await done(keys, { delta: 1 }));
});

test("the order of keys makes no other content, the order of a list does", () => {
  expect(fingerprint({ a: 1, b: { c: 2, d: 3 } })).toBe(fingerprint({ b: { d: 3, c: 2 }, a: 1 }));
  expect(fingerprint([1, 2])).not.toBe(fingerprint([2, 1]));
});
