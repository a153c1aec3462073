import { isProblem } from "@noirel/shared/api/problem";
import { Button, buttonClass } from "@noirel/shared/ui/button";
import { ErrorSummary } from "@noirel/shared/ui/error-summary";
import { type FormEvent, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { pageMeta } from "../../seo/meta";
import { formErrors, useFormErrors } from "../../session/form-errors";
import { NarrowPage } from "../../session/narrow-page";
import { NEW_PASSWORD_RULE, PasswordField } from "../../session/password-field";
import { personal, useSession } from "../../session/session";

// The address carries a token that opens the account: no cache keeps it and no other site is told of it.
export const headers = () => ({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
export const meta = () =>
  pageMeta({ title: "Choose a new password", description: "For your account.", canonical: null, origin: "" });

export default function ResetPage() {
  const [search] = useSearchParams();
  const { status, logout } = useSession();
  const { errors, setErrors, onInput, errorOf } = useFormErrors();
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<"changed" | "link_invalid" | null>(null);
  const token = search.get("token") ?? "";

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const password = String(new FormData(event.currentTarget).get("password"));
    if (!password) return setErrors([{ id: "password", message: "Enter a new password." }]);
    setErrors([]);
    setBusy(true);
    try {
      const { send } = await personal();
      await send({ method: "POST", url: "/auth/password/reset", data: { token, password } });
      setOutcome("changed");
      // All sessions have ended, the one of this browser too.
      if (status === "member") await logout().catch(() => undefined);
    } catch (error) {
      if (isProblem(error) && error.code === "link_invalid") setOutcome("link_invalid");
      else setErrors(formErrors(error, ["password"]));
    } finally {
      setBusy(false);
    }
  };

  if (outcome === "changed") {
    return (
      <NarrowPage
        title="Your password is changed."
        lead="You have been signed out on every device. Sign in with the new password."
      >
        <p className="mt-8">
          <Link to="/login" className={buttonClass()}>
            Sign in
          </Link>
        </p>
      </NarrowPage>
    );
  }
  if (outcome === "link_invalid" || !token) {
    return (
      <NarrowPage
        title="This link doesn’t work."
        lead="It has been used already, is older than two hours, or was cut off in the mail. A new one takes a minute."
      >
        <p className="mt-8">
          <Link to="/forgot" className={buttonClass()}>
            Send me a new link
          </Link>
        </p>
      </NarrowPage>
    );
  }
  return (
    <NarrowPage title="Choose a new password" lead="You will be signed out on every device.">
      <form noValidate method="post" onSubmit={submit} onInput={onInput} className="mt-8 grid gap-5">
        <ErrorSummary errors={errors} />
        <PasswordField
          id="password"
          label="New password"
          autoComplete="new-password"
          hint={NEW_PASSWORD_RULE}
          error={errorOf("password")}
        />
        <Button type="submit" busy={busy}>
          Change password
        </Button>
      </form>
    </NarrowPage>
  );
}
