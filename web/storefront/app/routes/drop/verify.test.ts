import type { Draw } from "@noirel/shared/api/types";
import { expect, test } from "vitest";
import { verifyDraw } from "./verify";

/** Made by the shop's own noirel/drops/lot.py: seed 00 01 02 … 1f, five entries, a beacon. */
const DRAW: Draw = {
  drop: "minuit",
  algorithm: "hmac-sha256-v1",
  commitment: "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd",
  committed_at: "2026-11-01T00:00:00Z",
  units: 2,
  winners: 2,
  claim_seconds: 172800,
  beacon_source: "drand round 4711234",
  beacon: "8f3c01",
  entry_count: 5,
  entries_hash: "d8510df1bf99a3f1888080603cb0066ffa65108247196b6aee82d7edb715dba9",
  listed_at: "2026-11-02T00:00:00Z",
  drawn_at: "2026-11-02T00:01:00Z",
  entries: [
    "12345678-90ab-4def-9234-567890abcdef",
    "2468acf1-2157-4bde-a468-acf121579bde",
    "369d0369-b203-49cd-b69d-0369b20369cd",
    "48d159e2-42af-47bc-88d1-59e242af37bc",
    "5b05b05a-d35b-45ab-9b05-b05ad35b05ab",
  ],
  seed: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
  order: [
    "12345678-90ab-4def-9234-567890abcdef",
    "2468acf1-2157-4bde-a468-acf121579bde",
    "369d0369-b203-49cd-b69d-0369b20369cd",
    "5b05b05a-d35b-45ab-9b05-b05ad35b05ab",
    "48d159e2-42af-47bc-88d1-59e242af37bc",
  ],
};

test("what Python drew comes out of the browser as well", async () => {
  expect(await verifyDraw(DRAW)).toEqual([]);
});

test("the entries may be told in any order", async () => {
  expect(await verifyDraw({ ...DRAW, entries: [...(DRAW.entries ?? [])].reverse() })).toEqual([]);
});

test.each<[string, Partial<Draw>, RegExp]>([
  ["another seed", { seed: "00".repeat(32) }, /seed is not the one/],
  ["an entry less", { entries: (DRAW.entries ?? []).slice(1) }, /entries are not the ones/],
  ["two places changed", { order: [...(DRAW.order ?? [])].reverse() }, /places are not/],
  ["a beacon nobody announced", { beacon_source: "" }, /beacon is not the one/],
  ["another beacon", { beacon: "ffff" }, /places are not/],
  ["no draw yet", { seed: null, order: null }, /not been made yet/],
])("%s is seen", async (_name, change, said) => {
  expect((await verifyDraw({ ...DRAW, ...change })).join(" ")).toMatch(said);
});
