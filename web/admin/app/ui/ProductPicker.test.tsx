import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test } from "vitest";
import { serve } from "../testing/server";
import { ProductPicker } from "./ProductPicker";
import type { Named } from "./useProducts";

afterEach(cleanup);

const PRODUCTS = [
  { slug: "oud", name: "Oud" },
  { slug: "oud-royal", name: "Oud Royal" },
  { slug: "rose", name: "Rose" },
];

function show() {
  let sent = 0;
  serve(({ params }) => {
    const { q } = params as { q: string };
    const results = PRODUCTS.filter(({ name }) => name.toLowerCase().startsWith(q.toLowerCase()));
    return { body: { results, next: null, total: results.length } };
  });
  function Example() {
    const [taken, take] = useState<Named[]>([]);
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sent += 1;
        }}
      >
        <output aria-label="Taken">{taken.map(({ slug }) => slug).join(" ")}</output>
        <ProductPicker
          label="Add a product"
          without={taken.map(({ slug }) => slug)}
          onChoose={(one) => one && take([...taken, one])}
        />
      </form>
    );
  }
  render(<Example />);
  return { field: screen.getByRole<HTMLInputElement>("combobox", { name: "Add a product" }), sent: () => sent };
}

const activeText = (field: HTMLElement) =>
  document.getElementById(field.getAttribute("aria-activedescendant") ?? "")?.textContent;

test("the arrows go round the results, Enter takes one, and the focus stays for the next", async () => {
  const { field, sent } = show();
  expect(field.getAttribute("aria-expanded")).toBe("false");
  await userEvent.type(field, "oud");
  await screen.findByRole("option", { name: "Oud Royal oud-royal" });
  expect(field.getAttribute("aria-expanded")).toBe("true");
  expect(screen.getByRole("listbox").id).toBe(field.getAttribute("aria-controls"));
  expect(screen.getByText("2 products found. Use the arrow keys.").getAttribute("role")).toBe("status");
  await userEvent.keyboard("{ArrowDown}{ArrowDown}");
  expect(activeText(field)).toBe("Oud Royal oud-royal");
  await userEvent.keyboard("{ArrowDown}");
  expect(activeText(field)).toBe("Oud oud");
  await userEvent.keyboard("{ArrowUp}{Enter}");
  expect(screen.getByLabelText("Taken").textContent).toBe("oud-royal");
  expect(field.value).toBe("");
  expect(document.activeElement).toBe(field);
  expect(sent()).toBe(0);
});

test("a press on a result takes it and leaves the focus in the field; what is there already is not offered", async () => {
  const { field } = show();
  await userEvent.type(field, "rose");
  await userEvent.click(await screen.findByRole("option", { name: "Rose rose" }));
  expect(screen.getByLabelText("Taken").textContent).toBe("rose");
  expect(document.activeElement).toBe(field);
  await userEvent.type(field, "rose");
  expect(await screen.findByText("It is here already.")).toBeTruthy();
  expect(screen.queryByRole("option")).toBeNull();
});

test("Enter takes the only result, Escape closes the list and then empties the field, and nothing found is said", async () => {
  const { field, sent } = show();
  await userEvent.type(field, "rose");
  await screen.findByRole("option");
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("option")).toBeNull();
  expect(field.value).toBe("rose");
  await userEvent.keyboard("{Escape}");
  expect(field.value).toBe("");
  await userEvent.type(field, "x{Enter}");
  expect(await screen.findByText("No product matches.")).toBeTruthy();
  await userEvent.clear(field);
  await userEvent.type(field, "ros");
  await screen.findByRole("option");
  await userEvent.keyboard("{Enter}");
  expect(screen.getByLabelText("Taken").textContent).toBe("rose");
  expect(sent()).toBe(0);
});
