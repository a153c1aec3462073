import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test, vi } from "vitest";
import { type SentRequest, serve } from "../../testing/server";
import { ToastProvider } from "../../ui/Toast";
import { Component, loader } from "./route";

vi.mock("../../session/session", () => ({ hasPermission: () => true }));
afterEach(cleanup);

const row = { kind: "product", slug: "ink", to: "encre", name: "Encre", created_at: "2026-11-23T00:00:00Z" };

/** As the API does: a field that it doesn't take is refused. */
const strict = ({ method, body }: SentRequest) => {
  const unknown = Object.keys((body ?? {}) as object).filter((name) => !["kind", "slug", "to"].includes(name));
  return method === "post" && unknown.length
    ? {
        status: 400,
        body: {
          code: "invalid",
          errors: unknown.map((field) => ({ field, code: "unknown_field", message: "There is no such field." })),
        },
      }
    : null;
};

function show(answer: (asked: SentRequest) => { status?: number; body: unknown } | null = () => null) {
  const heard = serve((asked) => {
    const own = strict(asked) ?? answer(asked);
    if (own) return own;
    if (asked.method === "get") return { body: { results: [row], next: null, total: 1 } };
    return { body: asked.method === "post" ? row : null };
  });
  const Stub = createRoutesStub([{ path: "/redirects", Component, loader, HydrateFallback: () => null }]);
  render(
    <ToastProvider>
      <Stub initialEntries={["/redirects"]} />
    </ToastProvider>,
  );
  return heard;
}

test("Undo brings a removed redirect back, with the fields that the API takes and no others", async () => {
  const heard = show();
  await userEvent.click(await screen.findByRole("button", { name: "Remove ink" }));
  await userEvent.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() =>
    expect(heard.find(({ method }) => method === "post")?.body).toEqual({ kind: "product", slug: "ink", to: "encre" }),
  );
});

async function add(old: string, to: string) {
  await userEvent.click(await screen.findByRole("button", { name: "Add a redirect" }));
  const dialog = within(screen.getByRole("dialog"));
  await userEvent.type(dialog.getByLabelText("Old address"), old);
  await userEvent.type(dialog.getByLabelText("Redirects to"), to);
  await userEvent.click(dialog.getByRole("button", { name: "Add" }));
  return dialog;
}

test("an address of no product, category or collection, or of another website, is refused beside its field", async () => {
  const heard = show();
  const dialog = await add("/checkout", "https://evil.example/p/foo");
  const old = await dialog.findByRole("textbox", { name: "Old address", description: /can redirect/ });
  expect(dialog.getByRole("textbox", { name: "Redirects to", description: /another website/ })).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(old));
  expect(heard.some(({ method }) => method === "post")).toBe(false);
});

test("a refusal of the API stands beside its field and nowhere else", async () => {
  show(({ method }) =>
    method === "post"
      ? { status: 409, body: { code: "slug_taken", title: "Taken", detail: "That address is in use." } }
      : null,
  );
  const dialog = await add("ink", "encre");
  const old = await dialog.findByRole("textbox", { name: "Old address", description: "That address is in use." });
  await waitFor(() => expect(document.activeElement).toBe(old));
  expect(screen.getAllByText("That address is in use.")).toHaveLength(1);
});
