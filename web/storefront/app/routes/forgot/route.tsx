import { Button } from "@noirel/shared/ui/button";
import { ErrorSummary } from "@noirel/shared/ui/error-summary";
import { Field } from "@noirel/shared/ui/field";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { pageMeta } from "../../seo/meta";
import { formErrors, useFormErrors } from "../../session/form-errors";
import { NarrowPage } from "../../session/narrow-page";
import { personal } from "../../session/session";

export const headers = () => ({ "Cache-Control": "no-store" });
export const meta = () =>
  pageMeta({ title: "Forgot your password", description: "Get a link by e-mail.", canonical: null, origin: "" });

export default function ForgotPage() {
  const { errors, setErrors, onInput, errorOf } = useFormErrors();
  const [busy, setBusy] = useState(false);
  const [sentTo, setSentTo] = useState<string | null>(null);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const email = String(new FormData(event.currentTarget).get("email")).trim();
    if (!email) return setErrors([{ id: "email", message: "Enter your e-mail address." }]);
    setErrors([]);
    setBusy(true);
    try {
      const { send } = await personal();
      await send({ method: "POST", url: "/auth/password/forgot", data: { email } });
      setSentTo(email);
    } catch (error) {
      setErrors(formErrors(error, ["email"]));
    } finally {
      setBusy(false);
    }
  };

  if (sentTo !== null) {
    return (
      <NarrowPage
        title="Check your e-mail."
        lead={
          <>
            If there is an account for <b className="font-medium break-words text-ink">{sentTo}</b>, a link to choose a
            new password is on its way. It works for two hours. Nothing there? Look in your spam folder.
          </>
        }
      >
        <p className="mt-8 flex flex-wrap gap-x-8 gap-y-2">
          <button type="button" className="link min-h-6" onClick={() => setSentTo(null)}>
            Use another address
          </button>
          <Link to="/login" className="link">
            Back to sign in
          </Link>
        </p>
      </NarrowPage>
    );
  }
  return (
    <NarrowPage title="Forgot your password?" lead="Enter your e-mail address. We send you a link to choose a new one.">
      <form noValidate method="post" onSubmit={submit} onInput={onInput} className="mt-8 grid gap-5">
        <ErrorSummary errors={errors} />
        <Field
          id="email"
          name="email"
          label="E-mail"
          type="email"
          inputMode="email"
          autoComplete="username"
          autoCapitalize="none"
          enterKeyHint="send"
          required
          error={errorOf("email")}
        />
        <Button type="submit" busy={busy}>
          Send me the link
        </Button>
        <p className="text-sm text-ink-2">
          <Link to="/login" className="underline underline-offset-3">
            Back to sign in
          </Link>
        </p>
      </form>
    </NarrowPage>
  );
}
