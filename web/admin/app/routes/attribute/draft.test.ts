import { expect, test } from "vitest";
import { draftOf, nameOf, toRequest } from "./draft";

const draft = draftOf(null);

test("a label makes a name", () => {
  expect(nameOf("Tête — “Top” note")).toBe("tete-top-note");
  expect(toRequest({ ...draft, label: "Cap" }, ["label", "name"])).toEqual({ data: { label: "Cap", name: "cap" } });
  expect(toRequest({ ...draft, label: "香り" }, ["label", "name"])).toEqual({ data: { label: "香り", name: "香り" } });
  expect(toRequest({ ...draft, label: "★" }, ["label", "name"])).toEqual({
    invalid: { name: "Use letters, digits and hyphens, of any script." },
  });
});

test("values to choose from are lines, and numbers where they have to be", () => {
  expect(toRequest({ ...draft, label: "x", choices: " walnut \n\nbrass" }, ["choices"])).toEqual({
    data: { choices: ["walnut", "brass"] },
  });
  expect(toRequest({ ...draft, label: "x", type: "number", choices: "1\n2.5" }, ["choices"])).toEqual({
    data: { choices: [1, 2.5] },
  });
  expect(toRequest({ ...draft, label: "x", type: "number", choices: "one" }, ["choices"])).toEqual({
    invalid: { choices: "Enter numbers, one per line." },
  });
});
