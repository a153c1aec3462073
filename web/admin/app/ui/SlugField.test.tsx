import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { SlugField, slugToSave } from "./SlugField";

afterEach(cleanup);

function Form({ name, saved = "" }: { name: string; saved?: string }) {
  const [value, set] = useState(saved);
  return <SlugField path="/p/" value={value} name={name} saved={saved} maxLength={200} onChange={set} />;
}

test("an empty address shows the one derived from the name, in any script", () => {
  render(<Form name="कमला 𝒩°5" />);
  screen.getByText("/p/कमला-n-5");
});

test("what is typed is previewed as it will be saved, and a former address redirects", async () => {
  render(<Form name="Encre" saved="encre" />);
  const field = screen.getByLabelText("Address");
  await userEvent.clear(field);
  await userEvent.type(field, "Eau d'Été");
  screen.getByText("New address: /p/eau-d-ete. /p/encre will redirect to it.");
  await userEvent.tab();
  expect(field).toHaveProperty("value", "eau-d-ete");
  expect(slugToSave("Eau d'Été", { saved: "encre", maxLength: 200 })).toEqual({ slug: "eau-d-ete" });
});

test("an address without letter or digit is refused at its field, and a saved one is never rewritten", () => {
  expect(slugToSave("★", { saved: "", maxLength: 200, name: "Encre" })).toHaveProperty("wrong");
  expect(slugToSave("Old--Slug", { saved: "Old--Slug", maxLength: 200 })).toEqual({ slug: "Old--Slug" });
  expect(slugToSave("", { saved: "", maxLength: 200, name: "น้ำหอม" })).toEqual({ slug: "น้ำหอม" });
});
