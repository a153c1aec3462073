import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { Dialog } from "./Dialog";
import { ToastProvider, useToast } from "./Toast";

afterEach(cleanup);

function Page({ undo }: { undo: () => void }) {
  const [open, ask] = useState(false);
  const say = useToast();
  return (
    <>
      <button type="button" onClick={() => ask(true)}>
        Open
      </button>
      <Dialog title="Refund" open={open} onClose={() => ask(false)}>
        <button type="button" onClick={() => say("Refused", { label: "Undo", run: undo })}>
          Press
        </button>
        <button
          type="button"
          onClick={() => {
            say("Applied");
            ask(false);
          }}
        >
          Apply
        </button>
        <button type="button" onClick={() => ask(false)}>
          Close
        </button>
      </Dialog>
    </>
  );
}

test("a toast stands in the dialog that is open, where it can be read and pressed, and leaves with it", async () => {
  const undo = vi.fn();
  render(
    <ToastProvider>
      <Page undo={undo} />
    </ToastProvider>,
  );
  await userEvent.click(screen.getByText("Open"));
  await userEvent.click(screen.getByText("Press"));
  const dialog = screen.getByRole("dialog");
  expect(within(dialog).getByRole("status").getAttribute("popover")).toBe("manual");
  expect(within(dialog).getByText("Refused")).toBeTruthy();
  await userEvent.click(screen.getByText("Close"));
  await waitFor(() => expect(dialog.contains(screen.getByText("Refused"))).toBe(false));
  await userEvent.click(screen.getByText("Undo"));
  expect(undo).toHaveBeenCalledOnce();
});

test("a toast of an act that closes its dialog is outside the closed dialog, where it can be seen", async () => {
  render(
    <ToastProvider>
      <Page undo={vi.fn()} />
    </ToastProvider>,
  );
  await userEvent.click(screen.getByText("Open"));
  const dialog = screen.getByRole("dialog");
  await userEvent.click(screen.getByText("Apply"));
  await waitFor(() => expect(dialog.hasAttribute("open")).toBe(false));
  await waitFor(() => expect(dialog.contains(screen.getByText("Applied"))).toBe(false));
});
