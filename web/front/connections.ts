import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "./addresses.ts";

export type ConnectionLimits = {
  /** Requests that wait on one connection behind the one that is being answered, and on all connections together. */
  pipelined: number;
  pipelinedTotal: number;
  /** How long a client may read nothing of a response that waits to be sent, in milliseconds. */
  stalled: number;
  /** A client that has waited to be sent data for `slow` milliseconds must have read `slowBytes` of it meanwhile. */
  slow: number;
  slowBytes: number;
  /** Open connections; one more closes the oldest idle ones of the client that has the most. */
  connections: number;
};

/** Each connection may hold two more descriptors: the file that is sent, and the temporary file of a body. */
const DESCRIPTORS = 3;
/** Descriptors for everything else: connections to the API, modules, logs. */
const RESERVED = 512;

export const CONNECTION_LIMITS: ConnectionLimits = {
  pipelined: 16,
  pipelinedTotal: 2048,
  stalled: 30_000,
  slow: 120_000,
  slowBytes: 64 * 1024,
  connections: Math.min(4096, Math.max(64, Math.floor((openFileLimit() - RESERVED) / DESCRIPTORS))),
};

type Exchange = { request: IncomingMessage; response: ServerResponse };

type Connection = {
  socket: Socket;
  network: string;
  /** What is being answered, and the pipelined requests that wait behind it. */
  current: Exchange | null;
  waiting: Exchange[];
  lastUsed: number;
  /** Since when data waits to be read by the client, and how much it had read then. */
  sending: { since: number; read: number } | null;
};

/** The open connections of a server, and what they may hold. */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #open = new Map<Socket, Connection>();
  #waiting = 0;

  constructor(limits: ConnectionLimits = CONNECTION_LIMITS) {
    this.#limits = limits;
    setInterval(() => this.#endSlow(), Math.min(5_000, limits.slow / 2)).unref();
  }

  add(socket: Socket): void {
    const connection: Connection = {
      socket,
      network: networkOf(socket.remoteAddress),
      current: null,
      waiting: [],
      lastUsed: performance.now(),
      sending: null,
    };
    if (this.#open.size >= this.#limits.connections) this.#makeRoom();
    this.#open.set(socket, connection);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#waiting -= connection.waiting.length;
      connection.waiting = [];
    });
  }

  /** The response that is being sent on `socket`, if any. */
  currentOf(socket: unknown): ServerResponse | null {
    return this.#open.get(socket as Socket)?.current?.response ?? null;
  }

  /**
   * Answers the requests of a connection one after the other. Node would start all that arrive in one packet at once: a thousand
   * renderings for 35 KB. `refuse` is called when too many wait, and must end the connection.
   */
  oneAtATime(answer: RequestListener, refuse: (socket: Socket, request: IncomingMessage) => void): RequestListener {
    const begin = (connection: Connection, exchange: Exchange) => {
      connection.current = exchange;
      connection.lastUsed = performance.now();
      exchange.response.setMaxListeners(20); // each layer waits for its end, and pipeline() listens seven times
      exchange.response.once("close", () => {
        connection.current = null;
        connection.sending = null;
        connection.lastUsed = performance.now();
        const next = connection.socket.destroyed ? undefined : connection.waiting.shift();
        if (!next) return;
        this.#waiting--;
        begin(connection, next);
      });
      answer(exchange.request, exchange.response);
    };
    return (request, response) => {
      const connection = this.#open.get(request.socket);
      if (!connection || request.socket.destroyed || request.socket.writableEnded) return;
      if (!connection.current) return begin(connection, { request, response });
      const { pipelined, pipelinedTotal } = this.#limits;
      if (connection.waiting.length >= pipelined || this.#waiting >= pipelinedTotal)
        return refuse(request.socket, connection.current.request);
      connection.waiting.push({ request, response });
      this.#waiting++;
    };
  }

  /** Nothing was received or sent on `socket` for as long as its timeout: ends it, unless it is we who keep it waiting. */
  timedOut(socket: Socket): void {
    const isAnswering = this.#open.get(socket)?.current;
    if (!isAnswering || socket.writableLength > 0) socket.destroy();
  }

  /** Ends connections whose client reads a few bytes now and then, which the timeout takes for progress. */
  #endSlow(): void {
    const now = performance.now();
    for (const connection of this.#open.values()) {
      const { socket, sending } = connection;
      const read = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0) connection.sending = null;
      else if (!sending) connection.sending = { since: now, read };
      else if (now - sending.since >= this.#limits.slow) {
        if (read - sending.read < this.#limits.slowBytes) socket.destroy();
        else connection.sending = { since: now, read };
      }
    }
  }

  /** Closes a twentieth of the connections of whoever has the most: idle ones first, those least recently used before others. */
  #makeRoom(): void {
    const byNetwork = Map.groupBy(this.#open.values(), ({ network }) => network);
    const most = [...byNetwork.values()].reduce((one, other) => (other.length > one.length ? other : one));
    most.sort((one, other) => Number(!!one.current) - Number(!!other.current) || one.lastUsed - other.lastUsed);
    for (const { socket } of most.slice(0, Math.max(1, Math.floor(this.#limits.connections / 20)))) {
      this.#open.delete(socket);
      socket.destroy();
    }
  }
}

/** How many files this process may have open at once. */
function openFileLimit(): number {
  const report = process.report as (NodeJS.ProcessReport & { excludeNetwork?: boolean }) | undefined;
  if (!report) return 1024;
  report.excludeNetwork = true; // it would look up the name of every peer
  const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const limit = userLimits?.open_files?.soft;
  return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit) || 1024;
}
