import { useEffect, useState } from "react";
import { Link, useLocation } from "react-router";
import { onSessionChange, signIn, signInRefusal } from "../session/session";
import type { User } from "../types";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { TextField } from "../ui/Field";
import { useToast } from "../ui/Toast";

/**
 * Asks for the password when the session has ended while a page was open, above whatever is open there: nothing that was typed is
 * lost. Signed in again, in this tab or in another, one goes on where one was.
 */
export function SignInAgain({ user }: { user: User }) {
  const [isOpen, open] = useState(false);
  const close = () => open(false);
  useEffect(() => onSessionChange((change) => open(change === "ended")), []);
  return (
    <Dialog title="You’ve been signed out" open={isOpen} onClose={close}>
      <Fields user={user} onClose={close} />
    </Dialog>
  );
}

function Fields({ user, onClose }: { user: User; onClose: () => void }) {
  const { pathname, search } = useLocation();
  const [refusal, refuse] = useState("");
  const [busy, work] = useState(false);
  const say = useToast();

  useEffect(() => {
    if (refusal) document.querySelector<HTMLElement>("dialog[open] [aria-invalid=true]")?.focus();
  }, [refusal]);

  async function enter(values: FormData) {
    if (busy) return;
    const typed = String(values.get("password") ?? "");
    if (!typed) return refuse("Enter your password.");
    work(true);
    refuse("");
    try {
      await signIn(user.email, typed);
      say("Signed in again. Nothing was lost: go on where you were.");
      onClose();
    } catch (error) {
      refuse(signInRefusal(error));
    } finally {
      work(false);
    }
  }

  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation(); // a form around the page's parts is not what was submitted
        void enter(new FormData(event.currentTarget));
      }}
    >
      <p className="wrap-anywhere text-ink-2">Sign in as {user.email}. What you typed on this page is still here.</p>
      <input type="email" name="email" autoComplete="username" value={user.email} readOnly hidden />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        error={refusal || undefined}
        onChange={() => refuse("")}
      />
      <div className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2">
        <Link
          to={`/login?next=${encodeURIComponent(pathname + search)}`}
          onClick={onClose}
          className="me-auto underline underline-offset-4"
        >
          Use another account
        </Link>
        <Button onClick={onClose}>Not now</Button>
        <Button kind="primary" type="submit" busy={busy}>
          Sign in
        </Button>
      </div>
    </form>
  );
}
