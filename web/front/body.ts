import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";

/** A request body that has arrived completely. */
export type Body = { size: number; stream(): Readable; close(): void };

/** The body won't be read to its end. `status` is what to answer: 401, 403, 408, 413, 429, 503; 0 when the client is gone. */
export class BodyRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`request body refused: ${status}`);
    this.status = status;
  }
}

export type Limits = {
  /** Bytes of one body that are kept in memory; the rest of it goes to a temporary file. */
  memory: number;
  /** Bytes of all bodies in memory, of all temporary files, and of the temporary files of one client. */
  memoryTotal: number;
  diskTotal: number;
  diskPerClient: number;
  /**
   * Time to send a body, in milliseconds, and the bytes that earn one more second: a large upload may take longer. No more than
   * `milliseconds` is ever in hand, so that nobody earns hours of silence, and `longest` is the end of every body.
   */
  milliseconds: number;
  bytesPerSecond: number;
  longest: number;
};

/** What may be read of one request, and for whom. */
export type Allowance = {
  /** The largest body, in bytes, and what a larger one is answered. */
  most: number;
  tooLarge?: 401 | 403 | 413;
  /** Who is charged for temporary files: the network of the client's address. */
  client?: string;
};

export const LIMITS: Limits = {
  memory: 64 * 1024,
  memoryTotal: 64 * 1024 * 1024,
  diskTotal: 1024 * 1024 * 1024,
  diskPerClient: 384 * 1024 * 1024,
  milliseconds: 20_000,
  bytesPerSecond: 16 * 1024,
  longest: 30 * 60_000,
};

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Reads bodies before anyone acts on them, so that clients that stop halfway hold a socket and nothing else. */
export class BodyReader {
  readonly #limits: Limits;
  #inMemory = 0;
  #onDisk = 0;
  readonly #onDiskOf = new Map<string, number>();

  constructor(limits: Limits = LIMITS) {
    this.#limits = limits;
  }

  /** The whole body of `request`. Rejects with BodyRefused; the request can be answered then. */
  read(request: IncomingMessage, { most, tooLarge = 413, client = "" }: Allowance): Promise<Body> {
    if (request.destroyed) return Promise.reject(new BodyRefused(0));
    if (Number(request.headers["content-length"] ?? 0) > most) return Promise.reject(new BodyRefused(tooLarge));
    const limits = this.#limits;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let held = 0; // bytes of it in memory
      let file: FileHandle | null = null;
      let settled = false;
      let timer: NodeJS.Timeout;
      const end = performance.now() + limits.longest;
      let deadline = performance.now() + limits.milliseconds;

      const release = () => {
        this.#inMemory -= held;
        this.#charge(client, held - size);
        size = held = 0;
        chunks.length = 0;
        void file?.close();
        file = null;
      };
      const settle = () => {
        settled = true;
        clearTimeout(timer);
        request.off("data", onData).off("end", onEnd).off("close", onClose).off("error", onClose);
      };
      const refuse = (status: number) => {
        if (settled) return;
        settle();
        release();
        reject(new BodyRefused(status));
      };
      const watch = () => {
        const left = Math.min(deadline, end) - performance.now();
        if (left <= 0) refuse(408);
        else timer = setTimeout(watch, left);
      };
      const spill = async (chunk: Buffer) => {
        if (!file) {
          const name = path.join(tmpdir(), `noirel-body-${randomUUID()}`);
          const opened = await open(name, "wx+", 0o600);
          await unlink(name); // it ends with its descriptor, however we end
          if (settled) return void opened.close();
          file = opened;
        }
        await file.write(chunk);
      };
      const onData = (chunk: Buffer) => {
        if (size + chunk.length > most) return refuse(tooLarge);
        size += chunk.length;
        const earned = (chunk.length / limits.bytesPerSecond) * 1000;
        deadline = Math.min(deadline + earned, performance.now() + limits.milliseconds);
        const fits = !file && size <= limits.memory && this.#inMemory + chunk.length <= limits.memoryTotal;
        if (fits) {
          held += chunk.length;
          this.#inMemory += chunk.length;
          chunks.push(chunk);
          return;
        }
        const onDiskOfClient = this.#charge(client, chunk.length);
        if (onDiskOfClient > limits.diskPerClient) return refuse(429);
        if (this.#onDisk > limits.diskTotal) return refuse(503);
        request.pause();
        spill(chunk).then(
          () => request.resume(),
          () => refuse(503),
        );
      };
      const onEnd = () => {
        settle();
        const start = Buffer.concat(chunks);
        const rest = file;
        resolve({
          size,
          // biome-ignore format: one stream, from memory and then from the file
          stream: () => Readable.from((async function* () {
            if (start.length > 0) yield start;
            if (rest) yield* rest.createReadStream({ start: 0, autoClose: false });
          })(), { objectMode: false }),
          close: release,
        });
      };
      const onClose = () => refuse(0);
      request.on("data", onData).once("end", onEnd).once("close", onClose).once("error", onClose);
      watch();
    });
  }

  /** Adds `bytes` to what a client has on disk, and answers how much that is. */
  #charge(client: string, bytes: number): number {
    this.#onDisk += bytes;
    const total = (this.#onDiskOf.get(client) ?? 0) + bytes;
    if (total > 0) this.#onDiskOf.set(client, total);
    else this.#onDiskOf.delete(client);
    return total;
  }
}
