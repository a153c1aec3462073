/** The queue is full, or a task has waited too long in it. */
export class QueueFull extends Error {}

type Waiter = { start: () => void; reject: (reason: unknown) => void };

type Limits = {
  /** Tasks that run at once, and those that wait for them. */
  running: number;
  waiting: number;
  /** How long a task may wait, in milliseconds. */
  milliseconds: number;
};

/**
 * Runs a limited number of tasks at once. Those that wait take turns by their key (a client's address), so that a client with a
 * hundred tasks delays another client's by one. When the queue is full, the client with the most waiting tasks loses its newest.
 */
export class FairQueue {
  readonly #limits: Limits;
  readonly #waiting = new Map<string, Waiter[]>();
  #running = 0;
  #size = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Runs `task` when it is its turn. Rejects with QueueFull, or with the reason of `signal`, without having run it. */
  async run<T>(key: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#running < this.#limits.running) this.#running++;
    else await this.#turn(key, signal);
    try {
      return await task();
    } finally {
      this.#running--;
      this.#next();
    }
  }

  #turn(key: string, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#size >= this.#limits.waiting) this.#makeRoom(key);
    return new Promise((resolve, reject) => {
      const leave = (reason: unknown) => {
        this.#remove(key, waiter);
        waiter.reject(reason);
      };
      const onAbort = () => leave(signal?.reason);
      const timer = setTimeout(() => leave(new QueueFull()), this.#limits.milliseconds);
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const waiter = {
        start: () => {
          settle();
          resolve();
        },
        reject: (reason: unknown) => {
          settle();
          reject(reason);
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), waiter]);
      this.#size++;
    });
  }

  /** Starts the first task of the key that has waited longest for its turn, and puts that key last. */
  #next(): void {
    const [first] = this.#waiting;
    if (!first || this.#running >= this.#limits.running) return;
    const [key, [waiter, ...others]] = first;
    this.#waiting.delete(key);
    if (others.length) this.#waiting.set(key, others);
    this.#size--;
    this.#running++;
    waiter?.start();
  }

  #makeRoom(key: string): void {
    const [longest, waiters] = [...this.#waiting].reduce((one, other) =>
      other[1].length > one[1].length ? other : one,
    );
    const newest = waiters.at(-1);
    if (!newest || waiters.length <= (this.#waiting.get(key)?.length ?? 0) + 1) throw new QueueFull();
    this.#remove(longest, newest);
    newest.reject(new QueueFull());
  }

  #remove(key: string, waiter: Waiter): void {
    const waiters = this.#waiting.get(key)?.filter((other) => other !== waiter) ?? [];
    this.#size -= (this.#waiting.get(key)?.length ?? 0) - waiters.length;
    if (waiters.length) this.#waiting.set(key, waiters);
    else this.#waiting.delete(key);
  }
}
