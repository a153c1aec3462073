import { expect, test } from "vitest";
import type { AdminDrop } from "../../types";
import { statusLabel } from "./words";

const drop = {
  status: "announced",
  mode: "first_come",
  opens_at: "2026-11-26T15:00:00Z",
  closes_at: "2026-11-26T16:00:00Z",
} as AdminDrop;
const at = (iso: string) => Date.parse(iso);

test.each([
  ["2026-11-26T14:59:59Z", "Announced"],
  ["2026-11-26T15:00:00Z", "Open"],
  ["2026-11-26T16:00:00Z", "Over"],
])("what is announced is, at %s, %s", (now, word) => {
  expect(statusLabel(drop, at(now))[0]).toBe(word);
});

test("a closed lottery waits for its draw, a closed sale for nothing", () => {
  expect(statusLabel({ ...drop, status: "closed", mode: "lottery" })[0]).toBe("To be drawn");
  expect(statusLabel({ ...drop, status: "closed" })[0]).toBe("Closed");
});
