import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { createRoutesStub, Link } from "react-router";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { orders } from "../api";
import { signIn } from "../session/session";
import { serve } from "../testing/server";
import type { User } from "../types";
import { ActionForm, textOf, useActionForm } from "../ui/ActionForm";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { Shell } from "./Shell";

const user = {
  id: "0",
  email: "ira@example.com",
  name: "Ira",
  is_staff: true,
  permissions: ["orders.view"],
} as unknown as User;

beforeEach(() => {
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function Note() {
  const form = useActionForm();
  return (
    <ActionForm
      form={form}
      submit="Save note"
      onSubmit={(values) => {
        const body = { text: textOf(values, "text") };
        return form.send({
          content: body,
          request: (key) => orders.act("NE-1", "notes", body, key),
          done: () => undefined,
        });
      }}
    >
      <TextField label="Note" {...form.field("text")} />
    </ActionForm>
  );
}

function Rows() {
  const [rows, keep] = useState(["Oud", "Rose", "Iris"]);
  return (
    <section>
      <h2>Rows</h2>
      <ul>
        {rows.map((row) => (
          <li key={row}>
            <a href="#row">{row}</a>
            <Button aria-label={`Remove ${row}`} onClick={() => keep(rows.filter((one) => one !== row))}>
              Remove
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

let reads = 0;
function open(page: () => React.ReactNode) {
  reads = 0;
  const Stub = createRoutesStub([
    {
      path: "/",
      Component: () => <Shell user={user} />,
      children: [
        {
          path: "orders",
          loader: () => {
            reads += 1;
            return null;
          },
          HydrateFallback: () => null,
          Component: () => (
            <>
              <h1 tabIndex={-1}>Orders</h1>
              {page()}
              <Link to="/elsewhere">Elsewhere</Link>
            </>
          ),
        },
        { path: "elsewhere", Component: () => <h1 tabIndex={-1}>Elsewhere</h1> },
      ],
    },
  ]);
  render(<Stub initialEntries={["/orders"]} />);
}

test("who was signed out meanwhile signs in on the page, and what was typed is still there to be saved", async () => {
  let isSignedIn = true;
  const session = { access: "a", user };
  serve(({ url, body }) => {
    if (url === "/auth/login") {
      if ((body as { password: string }).password !== "right")
        return { status: 401, body: { code: "invalid_credentials" } };
      isSignedIn = true;
      return { body: session };
    }
    return isSignedIn ? { body: {} } : { status: 401, body: { code: "token_invalid", title: "Signed out" } };
  });
  // The cookie is gone as well: the other tab has signed out.
  const axios = (await import("axios")).default;
  vi.spyOn(axios, "post").mockRejectedValue({ isAxiosError: true, response: { status: 401, data: {} } });
  await signIn(user.email, "right");
  open(() => <Note />);
  await userEvent.type(await screen.findByLabelText("Note"), "Call before noon");
  isSignedIn = false;
  await userEvent.click(screen.getByRole("button", { name: "Save note" }));
  const dialog = within(await screen.findByRole("dialog", { name: "You’ve been signed out" }));
  expect(screen.getByText(/^You’ve been signed out\. What you typed is still here/)).toBeTruthy();
  expect(reads).toBe(1);
  expect(dialog.getByRole("link", { name: "Use another account" }).getAttribute("href")).toBe("/login?next=%2Forders");
  await userEvent.type(dialog.getByLabelText("Password"), "wrong");
  await userEvent.click(dialog.getByRole("button", { name: "Sign in" }));
  expect(await dialog.findByText("That e-mail and password don’t match.")).toBeTruthy();
  await userEvent.clear(dialog.getByLabelText("Password"));
  await userEvent.type(dialog.getByLabelText("Password"), "right");
  await userEvent.click(dialog.getByRole("button", { name: "Sign in" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.getByLabelText<HTMLInputElement>("Note").value).toBe("Call before noon");
  await userEvent.click(screen.getByRole("button", { name: "Save note" }));
  await waitFor(() => expect(reads).toBe(2));
  expect(screen.queryByRole("alert")).toBeNull();
});

test("leaving a page with something typed asks first, whatever form it is; saved or taken back, it does not", async () => {
  serve(() => ({ body: {} }));
  open(() => <Note />);
  const note = await screen.findByLabelText("Note");
  await userEvent.type(note, "Call");
  await userEvent.click(screen.getByRole("link", { name: "Elsewhere" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Leave without saving?" }));
  await userEvent.click(dialog.getByRole("button", { name: "Stay here" }));
  expect(screen.getByRole("heading", { name: "Orders" })).toBeTruthy();
  expect((note as HTMLInputElement).value).toBe("Call");

  await userEvent.clear(note);
  await userEvent.click(screen.getByRole("link", { name: "Elsewhere" }));
  expect(await screen.findByRole("heading", { name: "Elsewhere" })).toBeTruthy();
});

test("what was saved is not asked about", async () => {
  serve(() => ({ body: {} }));
  open(() => <Note />);
  await userEvent.type(await screen.findByLabelText("Note"), "Call");
  await userEvent.click(screen.getByRole("button", { name: "Save note" }));
  await waitFor(() => expect(reads).toBe(2));
  await userEvent.click(screen.getByRole("link", { name: "Elsewhere" }));
  expect(await screen.findByRole("heading", { name: "Elsewhere" })).toBeTruthy();
});

test("a reload with something typed asks first", async () => {
  open(() => <Note />);
  const leave = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  const note = await screen.findByLabelText("Note");
  expect(leave()).toBe(false);
  await userEvent.type(note, "Call");
  await waitFor(() => expect(leave()).toBe(true));
});

test("a removed row hands the focus to the same control of the next, of the one before, and at last to the heading", async () => {
  open(() => <Rows />);
  const focused = () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent;
  (await screen.findByRole("button", { name: "Remove Rose" })).focus();
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(focused()).toBe("Remove Iris"));
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(focused()).toBe("Remove Oud"));
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(focused()).toBe("Rows"));
});

test("a button keeps the focus while it is busy, and is pressed once", async () => {
  let presses = 0;
  function Busy() {
    const [busy, work] = useState(false);
    return (
      <Button
        busy={busy}
        onClick={() => {
          presses += 1;
          work(true);
        }}
      >
        Run
      </Button>
    );
  }
  open(() => <Busy />);
  const button = await screen.findByRole("button", { name: "Run" });
  await userEvent.dblClick(button);
  expect(presses).toBe(1);
  expect(document.activeElement).toBe(button);
  expect(button.getAttribute("aria-disabled")).toBe("true");
});
