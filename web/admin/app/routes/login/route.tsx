import { safeRedirect } from "@noirel/shared/safe-redirect";
import { useEffect, useRef, useState } from "react";
import { type ActionFunctionArgs, Form, redirect, useActionData, useNavigation } from "react-router";
import { landingFor } from "../../layout/navigation";
import { signIn, signInRefusal, signOut } from "../../session/session";
import type { User } from "../../types";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";

export async function action({ request }: ActionFunctionArgs) {
  const form = await request.formData();
  let user: User;
  try {
    user = await signIn(String(form.get("email")), String(form.get("password")));
    if (!user.is_staff) {
      await signOut();
      return "This account can’t use the admin.";
    }
  } catch (error) {
    return signInRefusal(error);
  }
  const { origin, searchParams } = new URL(request.url);
  return redirect(landingFor(user, safeRedirect(searchParams.get("next"), origin)));
}

export function Component() {
  const refusal = useActionData<string>();
  const busy = useNavigation().state !== "idle";
  const [shown, show] = useState(false);
  const alert = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    document.title = refusal ? "Error: Sign in · NOIR'EL admin" : "Sign in · NOIR'EL admin";
    if (refusal) alert.current?.focus();
  }, [refusal]);
  return (
    <main className="grid min-h-svh content-center justify-items-center px-5 py-16">
      <p className="pb-10 font-display text-2xl tracking-[0.2em]">NOIR’EL</p>
      <Form method="post" className="grid w-full max-w-[22rem] gap-4 rounded-panel border border-line bg-raised p-6">
        <h1 className="font-display text-2xl leading-none font-light">Sign in</h1>
        {refusal ? (
          <p ref={alert} role="alert" tabIndex={-1} className="text-danger outline-none">
            {refusal}
          </p>
        ) : null}
        <TextField label="E-mail" name="email" type="email" autoComplete="username" required className="text-base" />
        <TextField
          label="Password"
          name="password"
          type={shown ? "text" : "password"}
          autoComplete="current-password"
          required
          className="text-base"
        />
        <label className="flex min-h-6 items-center gap-2 text-ink-2">
          <input
            type="checkbox"
            className="accent-ink"
            checked={shown}
            onChange={(event) => show(event.target.checked)}
          />
          Show password
        </label>
        <Button kind="primary" type="submit" busy={busy} className="h-10">
          Sign in
        </Button>
      </Form>
    </main>
  );
}
