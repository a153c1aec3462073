import { isProblem } from "@noirel/shared/api/problem";
import { Button } from "@noirel/shared/ui/button";
import { ErrorSummary } from "@noirel/shared/ui/error-summary";
import { type FormEvent, useState } from "react";
import { Link, redirect } from "react-router";
import { pageMeta } from "../../seo/meta";
import { formErrors, useFormErrors } from "../../session/form-errors";
import { NarrowPage } from "../../session/narrow-page";
import { NEW_PASSWORD_RULE, PasswordField } from "../../session/password-field";
import { arrived, personal } from "../../session/session";
import type { Route } from "./+types/route";

export const headers = () => ({ "Cache-Control": "no-store" });
export const meta = () =>
  pageMeta({ title: "Change your password", description: "For your account.", canonical: null, origin: "" });

export async function clientLoader() {
  await arrived();
  const { signedIn } = await personal();
  if (!signedIn()) throw redirect("/login?next=/account/password");
  return null;
}

export function HydrateFallback() {
  return <NarrowPage title="Change your password" />;
}

export default function PasswordPage(_: Route.ComponentProps) {
  const { errors, setErrors, onInput, errorOf } = useFormErrors();
  const [busy, setBusy] = useState(false);
  const [changed, setChanged] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget);
    const data = {
      current_password: String(form.get("current_password")),
      new_password: String(form.get("new_password")),
    };
    const missing = [
      ...(data.current_password ? [] : [{ id: "current_password", message: "Enter your current password." }]),
      ...(data.new_password ? [] : [{ id: "new_password", message: "Enter a new password." }]),
    ];
    setErrors(missing);
    if (missing.length > 0) return;
    setBusy(true);
    try {
      const { send, refreshSession } = await personal();
      await send({ method: "POST", url: "/auth/password/change", data });
      // Every other session has ended; this one goes on with a new access token.
      await refreshSession().catch(() => null);
      setChanged(true);
    } catch (error) {
      if (isProblem(error) && error.code === "invalid_credentials") {
        setErrors([{ id: "current_password", message: "That isn’t your current password." }]);
      } else {
        setErrors(formErrors(error, ["current_password", "new_password"]));
      }
    } finally {
      setBusy(false);
    }
  };

  if (changed) {
    return (
      <NarrowPage
        title="Your password is changed."
        lead="You stay signed in here, and have been signed out everywhere else."
      >
        <p className="mt-8">
          <Link to="/account" className="link">
            Back to your account
          </Link>
        </p>
      </NarrowPage>
    );
  }
  return (
    <NarrowPage title="Change your password" lead="You stay signed in here. Other devices will be signed out.">
      <form noValidate method="post" onSubmit={submit} onInput={onInput} className="mt-8 grid gap-5">
        <ErrorSummary errors={errors} />
        <PasswordField
          id="current_password"
          label="Current password"
          autoComplete="current-password"
          error={errorOf("current_password")}
        />
        <PasswordField
          id="new_password"
          label="New password"
          autoComplete="new-password"
          hint={NEW_PASSWORD_RULE}
          error={errorOf("new_password")}
        />
        <Button type="submit" busy={busy}>
          Change password
        </Button>
        <p className="flex flex-wrap gap-x-8 gap-y-2 text-sm text-ink-2">
          <Link to="/account" className="underline underline-offset-3">
            Back to your account
          </Link>
          <Link to="/forgot" className="underline underline-offset-3">
            Forgot your current password?
          </Link>
        </p>
      </form>
    </NarrowPage>
  );
}
