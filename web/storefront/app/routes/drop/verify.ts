import type { Draw } from "@noirel/shared/api/types";

const utf8 = new TextEncoder();

function hex(buffer: ArrayBuffer): string {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Runs a draw again, here in the browser: what is not as it was promised, or nothing. The same four steps as
 * docs/verify_draw.py: seed against commitment, list against its hash, HMAC-SHA256 for each entry, order against order.
 */
export async function verifyDraw(draw: Draw): Promise<string[]> {
  if (draw.algorithm !== "hmac-sha256-v1" || !draw.seed || !draw.entries || !draw.order) {
    return ["This draw has not been made yet."];
  }
  const { subtle } = crypto;
  const seed = bytes(draw.seed);
  const wrong: string[] = [];
  if (seed.length !== 32 || hex(await subtle.digest("SHA-256", seed)) !== draw.commitment) {
    wrong.push("The seed is not the one that was committed to.");
  }
  const list = [...draw.entries].sort(byText);
  const listHash = hex(await subtle.digest("SHA-256", utf8.encode(list.join("\n"))));
  if (listHash !== draw.entries_hash || new Set(list).size !== draw.entry_count) {
    wrong.push("The entries are not the ones that were written down.");
  }
  if (Boolean(draw.beacon) !== Boolean(draw.beacon_source)) {
    wrong.push("The beacon is not the one that was announced.");
  }
  const key = await subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const lots = await Promise.all(
    list.map(async (entry) => {
      const lot = await subtle.sign("HMAC", key, utf8.encode(`${entry}|${listHash}|${draw.beacon ?? ""}`));
      return [hex(lot), entry] as const;
    }),
  );
  const order = lots.sort(([a, one], [b, other]) => byText(a, b) || byText(one, other)).map(([, entry]) => entry);
  if (order.join() !== draw.order.join()) {
    wrong.push("The places are not what seed, list and beacon give.");
  }
  return wrong;
}
