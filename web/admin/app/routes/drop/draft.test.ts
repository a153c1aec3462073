import { expect, test } from "vitest";
import { type Draft, draftOf, EMPTY, fieldOf, wantedOf } from "./draft";

const draft: Draft = {
  ...EMPTY,
  name: " Minuit ",
  slug: "minuit",
  variants: "NRL-1, NRL-2\nNRL-3",
  opens_at: "2026-11-26T21:12",
};

test("what is typed becomes what the API asks for, in its units", () => {
  expect(wantedOf(draft)).toEqual({
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
  expect(wantedOf(lottery)).toMatchObject({ data: { units: 20, claim_seconds: 86_400, beacon_source: "drand 7" } });
});

test("what can't be right is named beside its field", () => {
  const wrong = wantedOf({ ...draft, name: "", slug: "★", variants: " ", per_person: "0", mode: "lottery" });
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
    ...(wantedOf(draft) as { data: object }).data,
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
