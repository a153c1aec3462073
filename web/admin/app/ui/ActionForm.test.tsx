import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test } from "vitest";
import { orders } from "../api";
import { serve } from "../testing/server";
import { ActionForm, textOf, useActionForm } from "./ActionForm";
import { TextField } from "./Field";

afterEach(cleanup);

type Answer = { status?: number; body: unknown };
const invalid = (errors: [field: string, message: string][]): Answer => ({
  status: 400,
  body: {
    title: "Invalid",
    code: "invalid",
    errors: errors.map(([field, message]) => ({ field, message, code: "x" })),
  },
});

function Example({ onDone }: { onDone: () => void }) {
  const form = useActionForm();
  const [quantity, setQuantity] = useState("1");
  return (
    <ActionForm
      form={form}
      submit="Cancel order"
      onSubmit={(values) => {
        const body = { reason: textOf(values, "reason"), quantity };
        return form.send({
          content: body,
          request: (key) => orders.act("NE-1", "cancel", body, key),
          done: onDone,
          fieldOf: (name) => name.replace("lines.0.quantity", "quantity"),
        });
      }}
    >
      <TextField
        label="Units"
        value={quantity}
        onChange={(event) => setQuantity(event.target.value)}
        {...form.field("quantity")}
      />
      <TextField label="Why" {...form.field("reason")} />
    </ActionForm>
  );
}

function show(answers: Answer[]) {
  let reads = 0;
  let done = 0;
  const heard = serve(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return answers.shift() ?? { body: {} };
  });
  const Stub = createRoutesStub([
    {
      path: "/",
      loader: () => {
        reads += 1;
        return null;
      },
      HydrateFallback: () => null,
      Component: () => (
        <Example
          onDone={() => {
            done += 1;
          }}
        />
      ),
    },
  ]);
  render(<Stub />);
  const user = userEvent.setup();
  return {
    user,
    heard,
    press: async () => user.click(await screen.findByRole("button", { name: "Cancel order" })),
    reads: () => reads,
    done: () => done,
  };
}

test("a refusal is shown beside the field that it names, as a sentence, and the first such field has the focus", async () => {
  const { press, done } = show([
    invalid([
      ["reason", "This field may not be blank."],
      ["lines.0.quantity", "Only 2 are left."],
    ]),
  ]);
  await press();
  const units = await screen.findByRole("textbox", { name: "Units", description: "Only 2 are left." });
  const why = screen.getByRole("textbox", { name: "Why", description: "Why is missing." });
  expect(units.getAttribute("aria-invalid")).toBe("true");
  expect(why.getAttribute("aria-invalid")).toBe("true");
  expect(document.activeElement).toBe(units);
  expect(screen.queryByRole("alert")).toBeNull();
  expect(done()).toBe(0);
});

test("a refusal of no field of the form is shown above the buttons and has the focus; what was typed stays", async () => {
  const { user, press } = show([invalid([["force", "The payment is disputed."]])]);
  await user.type(await screen.findByLabelText("Why"), "Sold twice");
  await press();
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toBe("The payment is disputed.");
  expect(document.activeElement).toBe(alert);
  expect(screen.getByLabelText<HTMLInputElement>("Why").value).toBe("Sold twice");
});

test("editing a field removes its error, leaves the others, and keeps the caret where it is", async () => {
  const { user, press } = show([
    invalid([
      ["reason", "This field is required."],
      ["quantity", "Only 2 are left."],
    ]),
  ]);
  await press();
  await screen.findByText("Why is missing.");
  await user.type(screen.getByLabelText("Why"), "Sold twice");
  expect(screen.queryByText("Why is missing.")).toBeNull();
  expect(screen.getByText("Only 2 are left.")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("Why").value).toBe("Sold twice");
});

test("an unanswered request is sent again under its key, and another content under another key", async () => {
  const away = { status: 503, body: { title: "Away", detail: "The payment service can’t be reached." } };
  const { user, press, heard, done } = show([away, away, away, { body: {} }]);
  await press();
  expect((await screen.findByRole("alert")).textContent).toBe("The payment service can’t be reached.");
  await press();
  await screen.findByRole("alert");
  await user.type(screen.getByLabelText("Why"), "Sold twice");
  await press();
  await screen.findByRole("alert");
  await press();
  await expect.poll(done).toBe(1);
  const keys = heard.map(({ key }) => key);
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
  expect(keys[3]).toBe(keys[2]);
});

test("a refused request that is pressed again is a new request", async () => {
  const { press, heard, done } = show([invalid([["reason", "This field may not be blank."]]), { body: {} }]);
  await press();
  await screen.findByText("Why is missing.");
  await press();
  await expect.poll(done).toBe(1);
  expect(heard[1]?.key).not.toBe(heard[0]?.key);
});

test("the page is read again after a refusal and a success, but not while the shop can’t be reached", async () => {
  const { press, reads, done } = show([
    { status: 503, body: { title: "Away" } },
    { status: 409, body: { title: "Shipped already", code: "invalid_state" } },
    { body: {} },
  ]);
  await press();
  await screen.findByText("Away");
  expect(reads()).toBe(1);
  await press();
  await screen.findByText("Shipped already");
  expect(reads()).toBe(2);
  await press();
  await expect.poll(done).toBe(1);
  await expect.poll(reads).toBe(3);
});

test("pressed twice it is sent once", async () => {
  const { user, heard, done } = show([]);
  await user.dblClick(await screen.findByRole("button", { name: "Cancel order" }));
  await expect.poll(done).toBe(1);
  expect(heard).toHaveLength(1);
});
