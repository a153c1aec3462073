import { expect, test } from "vitest";
import { emptyOf, whereOf } from "./words";

const of = (query: string) => new URLSearchParams(query);

test("free samples are in a view of their own; a search and what runs low include them", () => {
  expect(whereOf(of(""))).toEqual({ sample: "false" });
  expect(whereOf(of("view=samples"))).toEqual({ sample: "true" });
  expect(whereOf(of("low=true"))).toEqual({ low: "true" });
  expect(whereOf(of("q=encre"))).toEqual({ q: "encre" });
});

test("an empty list says of what it is empty", () => {
  expect(emptyOf(of("q=oud&low=true"))).toBe("No variant matches “oud”.");
  expect(emptyOf(of("low=true"))).toBe("Nothing is running low.");
  expect(emptyOf(of("view=samples"))).toBe("No free samples.");
  expect(emptyOf(of(""))).toBe("No variants yet.");
});
