import { expect, test } from "vitest";
import type { Draft } from "./draft";
import { savedWords, seen, seenOnceSaved } from "./Shop";

const now = Date.parse("2026-11-23T12:00:00Z");
const at = (status: "active" | "draft" | "archived", from: string | null = null, until: string | null = null) =>
  savedWords({ status, published_at: from, unpublish_at: until }, now);

test("only what the shop shows is said to be shown", () => {
  expect(at("active", "2026-11-01T00:00:00Z")).toBe("Saved. The shop shows it within a minute.");
  expect(at("active", "2026-11-24T09:00:00Z")).toMatch(/^Saved\. The shop shows it from 24 Nov 2026/);
  expect(at("active", null, "2026-11-22T09:00:00Z")).toMatch(/^Saved\. It left the shop on 22 Nov 2026/);
  expect(at("draft", "2026-11-01T00:00:00Z")).toBe("Saved as draft.");
  expect(at("archived")).toBe("Saved. It stays archived.");
});

test("a status that is not saved yet is not said to be in force", () => {
  const typed = (status: Draft["status"]) => ({ status, published_at: "", unpublish_at: "" }) as Draft;
  expect(seen(typed("active"), now)).toBe("It is in the shop.");
  expect(seenOnceSaved(typed("active"), now)).toBe("Once saved, it is in the shop.");
  expect(seenOnceSaved(typed("draft"), now)).toBe("Once saved, only staff see it.");
});
