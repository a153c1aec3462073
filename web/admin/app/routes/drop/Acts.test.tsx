import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRoutesStub } from "react-router";
import { afterEach, expect, test } from "vitest";
import { serve } from "../../testing/server";
import type { AdminDrop } from "../../types";
import { ToastProvider } from "../../ui/Toast";
import { Acts } from "./Acts";

afterEach(cleanup);

const drop = {
  slug: "minuit",
  name: "Minuit",
  mode: "lottery",
  status: "closed",
  units: 20,
  beacon_source: "drand 7",
  acts: ["draw"],
} as unknown as AdminDrop;

test("a draw that was refused is sent anew once the beacon is corrected, and is not blocked by its first key", async () => {
  const keys = new Map<string, string>();
  const heard = serve(({ body, key }) => {
    // As the server does: a key belongs to one body for good, and a refusal is kept under it.
    const sent = JSON.stringify(body);
    if ((keys.get(key) ?? sent) !== sent) {
      return { status: 422, body: { title: "Idempotency-Key was used before", code: "idempotency_key_reused" } };
    }
    keys.set(key, sent);
    return sent.includes("7f00")
      ? { body: drop }
      : { status: 400, body: { title: "Invalid", detail: "That is not the beacon’s value.", code: "invalid" } };
  });
  const Stub = createRoutesStub([
    { path: "/", Component: () => <ToastProvider>{<Acts drop={drop} etag={'"1"'} />}</ToastProvider> },
  ]);
  render(<Stub />);
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: "Draw" }));
  const dialog = within(screen.getByRole("dialog", { name: "Draw Minuit" }));
  const press = () => user.click(dialog.getByRole("button", { name: "Draw Minuit" }));
  await user.type(dialog.getByRole("textbox"), "wrong");
  await press();
  expect(await dialog.findByText("That is not the beacon’s value.")).toBeTruthy();
  await user.clear(dialog.getByRole("textbox"));
  await user.type(dialog.getByRole("textbox"), "7f00");
  await press();
  expect(await screen.findByText("Minuit is drawn")).toBeTruthy();
  expect(heard.map(({ body }) => body)).toEqual([{ beacon: "wrong" }, { beacon: "7f00" }]);
});
