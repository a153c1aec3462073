import { expect, test } from "vitest";
import { neighboursOf } from "./neighbours";

const perfume = (hour: string | null) => ({ slug: hour ?? "set", attributes: hour ? { hour } : {} });
const HOUSE = ["22:05", "05:51", "18:40", null, "02:30", "19:27", "23:58", "21:12", "04:44"].map(perfume);

test.each([
  ["21:12", ["19:27", "22:05"]],
  ["23:58", ["22:05", "02:30"]],
  ["02:30", ["23:58", "04:44"]],
  ["05:51", ["04:44", "18:40"]],
  ["18:40", ["05:51", "19:27"]],
])("beside %s are %j", (hour, beside) => {
  expect(neighboursOf(perfume(hour), HOUSE).map(({ slug }) => slug)).toEqual(beside);
});

test("an hour that isn't in the collection has the neighbours of its place", () => {
  expect(neighboursOf(perfume("00:30"), HOUSE).map(({ slug }) => slug)).toEqual(["23:58", "02:30"]);
});

test("two perfumes at the same hour are beside each other", () => {
  const twin = { slug: "twin", attributes: { hour: "21:12" } };
  expect(neighboursOf(perfume("21:12"), [...HOUSE, twin]).map(({ slug }) => slug)).toEqual(["twin", "22:05"]);
});

test("of two hours each has one neighbour, a single hour none, and a product without an hour none", () => {
  expect(neighboursOf(perfume("21:12"), ["21:12", "22:05"].map(perfume)).map(({ slug }) => slug)).toEqual(["22:05"]);
  expect(neighboursOf(perfume("21:12"), [perfume("21:12")])).toEqual([]);
  expect(neighboursOf(perfume(null), HOUSE)).toEqual([]);
});
