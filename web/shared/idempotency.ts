/**
 * Idempotency-Keys for requests that must not be done twice. One rule for every form: a request that is sent again with the same
 * content before it was answered has the same key, and any other request has a new one.
 */
import { useRef } from "react";
import { isProblem } from "./api/problem";

/** Made by `IdempotencyKeys` alone, so that no call can bring a key that doesn't follow the rule. */
export type IdempotencyKey = string & { readonly idempotency: unique symbol };

/** The requests that may have been done but were not answered: their content, and the key each was sent with. */
export type Unanswered = Record<string, IdempotencyKey>;
export type KeyStore = { read: () => Unanswered; write: (unanswered: Unanswered) => void };

/** The same for the same content, whatever the order of its keys. */
export function fingerprint(content: unknown): string {
  return JSON.stringify(content, (_key, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function memory(): KeyStore {
  let unanswered: Unanswered = {};
  return {
    read: () => unanswered,
    write: (next) => {
      unanswered = next;
    },
  };
}

export class IdempotencyKeys {
  readonly #store: KeyStore;

  constructor(store: KeyStore = memory()) {
    this.#store = store;
  }

  /** The key for a request with this content. */
  keyFor(content: unknown): IdempotencyKey {
    const print = fingerprint(content);
    const unanswered = this.#store.read();
    const key = unanswered[print] ?? (crypto.randomUUID() as IdempotencyKey);
    if (!(print in unanswered)) this.#store.write({ ...unanswered, [print]: key });
    return key;
  }

  /** Forgets the key of this content: the request was answered, and the same content is another request from now on. */
  settle(content: unknown): void {
    const { [fingerprint(content)]: _, ...others } = this.#store.read();
    this.#store.write(others);
  }

  /**
   * Sends a request under the key of its content. The key is kept only while nobody knows what became of the request (no
   * answer, a failure of the server's, still running): once it was done or refused, the next press is a new request.
   */
  async send<T>(content: unknown, request: (key: IdempotencyKey) => Promise<T>): Promise<T> {
    try {
      const answer = await request(this.keyFor(content));
      this.settle(content);
      return answer;
    } catch (error) {
      if (isRefusal(error)) this.settle(content);
      throw error;
    }
  }
}

/** Whether the server has decided: a refusal is its answer to this key for good. */
export function isRefusal(error: unknown): boolean {
  if (!isProblem(error) || error.status < 400 || error.status >= 500) return false;
  return error.status !== 408 && error.code !== "idempotency_in_progress";
}

/** The keys of one form. Another `scope` (the dialog that is open, the row it is about) begins anew. */
export function useIdempotencyKeys(scope: unknown = null): IdempotencyKeys {
  const held = useRef<{ scope: unknown; keys: IdempotencyKeys } | null>(null);
  if (held.current === null || held.current.scope !== scope) held.current = { scope, keys: new IdempotencyKeys() };
  return held.current.keys;
}
