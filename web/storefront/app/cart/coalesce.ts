/** Milliseconds of quiet before a quantity is sent. */
export const QUIET = 300;

type Line = { wanted: number | null; timer: ReturnType<typeof setTimeout> | undefined; busy: boolean };

/**
 * Turns a burst of presses into one absolute quantity per line, with one request in flight per line.
 * send must not reject; it tells a refusal in its own way.
 */
export function coalescer(send: (line: string, quantity: number) => Promise<void>, quiet: number = QUIET) {
  const lines = new Map<string, Line>();

  async function flush(id: string, line: Line) {
    if (line.busy || line.wanted === null) return;
    const quantity = line.wanted;
    line.wanted = null;
    line.busy = true;
    await send(id, quantity);
    line.busy = false;
    // What was asked for meanwhile has waited long enough.
    if (line.wanted !== null) void flush(id, line);
  }

  return {
    set(id: string, quantity: number) {
      const line = lines.get(id) ?? { wanted: null, timer: undefined, busy: false };
      lines.set(id, line);
      line.wanted = quantity;
      clearTimeout(line.timer);
      line.timer = setTimeout(() => void flush(id, line), quiet);
    },
    /** Whether a newer quantity waits for this line. */
    waits: (id: string) => lines.get(id)?.wanted != null,
    drop(id: string) {
      const line = lines.get(id);
      if (!line) return;
      clearTimeout(line.timer);
      line.wanted = null;
    },
  };
}
