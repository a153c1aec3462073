import { type IdempotencyKey, IdempotencyKeys, isRefusal, type Unanswered } from "@noirel/shared/idempotency";
import { readStorage, writeStorage } from "../session/storage";

const NAME = "noirel.attempt";

/** Checkout's keys outlive a reload of the page. Only the last purchase counts: the bag it was of has become another one. */
const keys = new IdempotencyKeys({
  read: () => JSON.parse(readStorage(NAME, "sessionStorage") ?? "{}") as Unanswered,
  write: (all) =>
    writeStorage(NAME, JSON.stringify(Object.fromEntries(Object.entries(all).slice(-1))), "sessionStorage"),
});

/** One key for one content: kept through retries, reloads and lost answers, new as soon as anything changed. */
export const attemptKey = (content: unknown): IdempotencyKey => keys.keyFor(content);

/**
 * Places an order for this content. Until `endAttempt` the same content leads to the same order; after a refusal ("out of
 * stock") it is a new request, which may be answered differently.
 */
export async function attempt<T>(content: unknown, request: (key: IdempotencyKey) => Promise<T>): Promise<T> {
  try {
    return await request(attemptKey(content));
  } catch (error) {
    if (isRefusal(error)) keys.settle(content);
    throw error;
  }
}

/** The order is over: the same bag may be bought again. */
export function endAttempt(): void {
  writeStorage(NAME, null, "sessionStorage");
}
