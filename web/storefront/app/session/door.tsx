import { isProblem } from "@noirel/shared/api/problem";
import { Button } from "@noirel/shared/ui/button";
import { ErrorSummary } from "@noirel/shared/ui/error-summary";
import { Field } from "@noirel/shared/ui/field";
import { type FormEvent, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useBag } from "../cart/bag";
import { formErrors, useFormErrors } from "./form-errors";
import { NarrowPage } from "./narrow-page";
import { nextOf } from "./next";
import { NEW_PASSWORD_RULE, PasswordField } from "./password-field";
import { useSession } from "./session";

/** The form of signing in, and of making an account. */
export function Door({ making }: { making: boolean }) {
  const { login, register } = useSession();
  const { cart } = useBag();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [busy, setBusy] = useState(false);
  const { errors, setErrors, onInput, errorOf } = useFormErrors();

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const email = String(form.get("email")).trim();
    const password = String(form.get("password"));
    const name = String(form.get("name") ?? "").trim();
    const missing = [
      ...(email ? [] : [{ id: "email", message: "Enter your e-mail address." }]),
      ...(password ? [] : [{ id: "password", message: "Enter your password." }]),
    ];
    setErrors(missing);
    if (missing.length > 0) return;
    setBusy(true);
    try {
      if (making) await register({ email, password, name }, cart?.id);
      else await login({ email, password }, cart?.id);
      await navigate(nextOf(search), { replace: true });
    } catch (error) {
      if (!isProblem(error)) throw error;
      if (error.code === "invalid_credentials") {
        setErrors([{ message: "That e-mail and password don’t match." }]);
      } else {
        setErrors(formErrors(error, ["name", "email", "password"]));
      }
    } finally {
      setBusy(false);
    }
  };

  const query = search.size > 0 ? `?${search}` : "";
  return (
    <NarrowPage title={making ? "Make an account" : "Sign in"}>
      <form noValidate method="post" onSubmit={submit} onInput={onInput} className="mt-8 grid gap-5">
        <ErrorSummary errors={errors} />
        {making && (
          <Field id="name" name="name" label="Name" autoComplete="name" enterKeyHint="next" error={errorOf("name")} />
        )}
        <Field
          id="email"
          name="email"
          label="E-mail"
          type="email"
          inputMode="email"
          autoComplete="username"
          autoCapitalize="none"
          enterKeyHint="next"
          required
          error={errorOf("email")}
        />
        <PasswordField
          id="password"
          autoComplete={making ? "new-password" : "current-password"}
          hint={
            making ? (
              NEW_PASSWORD_RULE
            ) : (
              <Link to="/forgot" className="underline underline-offset-3">
                Forgot your password?
              </Link>
            )
          }
          error={errorOf("password")}
        />
        <Button type="submit" busy={busy}>
          Continue
        </Button>
        <div className="grid gap-2 text-sm text-ink-2">
          <p>
            {making ? "Have an account? " : "No account yet? "}
            <Link to={`${making ? "/login" : "/register"}${query}`} className="underline underline-offset-3">
              {making ? "Sign in" : "Make an account"}
            </Link>
          </p>
          {!making && (
            <p>
              Ordered as a guest?{" "}
              <Link to="/orders/find" className="underline underline-offset-3">
                Find your order
              </Link>
            </p>
          )}
        </div>
      </form>
    </NarrowPage>
  );
}
