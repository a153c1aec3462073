import { isProblem } from "@noirel/shared/api/problem";
import { Button } from "@noirel/shared/ui/button";
import { ErrorSummary } from "@noirel/shared/ui/error-summary";
import { Field } from "@noirel/shared/ui/field";
import { type FormEvent, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useBag } from "../cart/bag";
import { nextOf } from "./next";
import { useSession } from "./session";

/** The form of signing in, and of making an account. */
export function Door({ making }: { making: boolean }) {
  const { login, register } = useSession();
  const { cart } = useBag();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<{ id?: string; message: string }[]>([]);
  const of = (id: string) => errors.find((error) => error.id === id)?.message;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const email = String(form.get("email")).trim();
    const password = String(form.get("password"));
    const name = String(form.get("name") ?? "").trim();
    const missing = [
      ...(email ? [] : [{ id: "email", message: "Write your e-mail address." }]),
      ...(password ? [] : [{ id: "password", message: "Write your password." }]),
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
        setErrors([{ message: "These do not belong together. Check the e-mail and the password." }]);
      } else if (error.errors.length > 0) {
        setErrors(error.errors.map(({ field, message }) => ({ id: field, message })));
      } else {
        setErrors([
          {
            message: error.retryAfter
              ? `Too many tries. Try again in ${error.retryAfter} seconds.`
              : error.detail || error.title,
          },
        ]);
      }
    } finally {
      setBusy(false);
    }
  };

  const query = search.size > 0 ? `?${search}` : "";
  return (
    <div className="wrap max-w-[32rem]! pt-6 desk:pt-12">
      <h1 className="display text-4xl">{making ? "Make an account" : "Sign in"}</h1>
      <form noValidate method="post" onSubmit={submit} className="mt-8 grid gap-5">
        <ErrorSummary errors={errors} />
        {making && (
          <Field id="name" name="name" label="Name" autoComplete="name" enterKeyHint="next" error={of("name")} />
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
          error={of("email")}
        />
        <Field
          id="password"
          name="password"
          label="Password"
          aside={
            <button
              type="button"
              className="min-h-6 underline underline-offset-3"
              aria-pressed={shown}
              onClick={() => setShown(!shown)}
            >
              Show
            </button>
          }
          type={shown ? "text" : "password"}
          autoComplete={making ? "new-password" : "current-password"}
          required
          error={of("password")}
        />
        <Button type="submit" busy={busy}>
          Continue
        </Button>
        <p className="text-sm text-ink-2">
          {making ? "You have one? " : "None yet? "}
          <Link to={`${making ? "/login" : "/register"}${query}`} className="underline underline-offset-3">
            {making ? "Sign in" : "Make an account"}
          </Link>
        </p>
      </form>
    </div>
  );
}
