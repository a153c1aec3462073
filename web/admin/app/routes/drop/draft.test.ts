import { expect, test } from "vitest";
import { type Draft, draftOf, EMPTY, fieldOf, toRequest } from "./draft";

const draft: Draft = {
  ...EMPTY,
  name: " Minuit ",
  slug: "minuit",
  variants: "NRL-1, NRL-2\nNRL-3",
  opens_at: "2026-11-26T21:12",
};

const all = Object.keys(EMPTY) as (keyof Draft)[];

test("what is typed becomes what the API asks for, in its units", () => {
  expect(toRequest(draft, all)).toEqual({
    data: {
      name: "Minuit",
      slug: "minuit",
      words: "",
      mode: "first_come",
      variants: ["NRL-1", "NRL-2", "NRL-3"],
      opens_at: "2026-11-26T21:12:00.000Z",
      closes_at: null,
      per_person: 1,
      per_address: 1,
      hold_seconds: 300,
    },
  });
});

test("a lottery says its units, the time to buy and its beacon as well", () => {
  const lottery: Draft = { ...draft, mode: "lottery", units: "20", claim_hours: "24", beacon_source: "drand 7" };
  expect(toRequest(lottery, all)).toMatchObject({
    data: { units: 20, claim_seconds: 86_400, beacon_source: "drand 7" },
  });
});

test("what can't be right is named beside its field", () => {
  const wrong = toRequest({ ...draft, name: "", slug: "★", variants: " ", per_person: "0", mode: "lottery" }, all);
  expect(Object.keys("invalid" in wrong ? wrong.invalid : {}).sort()).toEqual([
    "name",
    "per_person",
    "slug",
    "units",
    "variants",
  ]);
});

test("a drop that was read fills the form", () => {
  const read = draftOf({
    ...(toRequest(draft, all) as { data: object }).data,
    units: null,
    claim_seconds: 172_800,
    beacon_source: "",
  } as Parameters<typeof draftOf>[0]);
  expect(read).toEqual({ ...draft, name: "Minuit", variants: "NRL-1\nNRL-2\nNRL-3" });
});

test("the API's fields are found in the form", () => {
  expect(["hold_seconds", "claim_seconds", "slug", "variants.0"].map(fieldOf)).toEqual([
    "hold_minutes",
    "claim_hours",
    "slug",
    "variants",
  ]);
});

test("a number out of its bounds is refused in the unit that is typed, and one in another notation is not read", () => {
  const wrong = { ...draft, hold_minutes: "31", per_person: "1e1", per_address: "0x2", claim_hours: "337" };
  expect(toRequest(wrong, all)).toEqual({
    invalid: {
      hold_minutes: "Enter a whole number from 1 to 30.",
      per_person: "Enter a whole number from 1 to 99.",
      per_address: "Enter a whole number from 1 to 999.",
    },
  });
  expect(toRequest({ ...wrong, mode: "lottery" }, all)).toMatchObject({
    invalid: { claim_hours: "Enter a whole number from 1 to 336." },
  });
});

test("only what changed is sent, so that what a colleague changed meanwhile stays", () => {
  expect(toRequest({ ...draft, per_person: "2" }, ["per_person"])).toEqual({ data: { per_person: 2 } });
  expect(toRequest({ ...draft, mode: "lottery", units: "20" }, ["mode", "units"])).toEqual({
    data: { mode: "lottery", units: 20, claim_seconds: 172_800, beacon_source: "" },
  });
});

test("a year that nobody means is refused", () => {
  expect(toRequest({ ...draft, opens_at: "0001-01-01T00:00" }, all)).toEqual({
    invalid: { opens_at: "Enter a year from 2000 to 2100." },
  });
});
