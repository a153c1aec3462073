import { isProblem } from "@noirel/shared/api/problem";
import { Button } from "@noirel/shared/ui/button";
import { Field } from "@noirel/shared/ui/field";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useCart } from "../cart/cart-context";
import { EmailField, missingOf, PageForm, useForm } from "./form";
import { NarrowPage } from "./narrow-page";
import { nextPath } from "./next";
import { NEW_PASSWORD_RULE, PasswordField } from "./password-field";
import { useSession } from "./session";

/** The form of signing in, and of making an account. */
export function SignInGate({ making }: { making: boolean }) {
  const { login, register } = useSession();
  const { cart } = useCart();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const form = useForm({
    fields: ["name", "email", "password"],
    read: (values) => {
      const data = {
        email: String(values.get("email")).trim(),
        password: String(values.get("password")),
        name: String(values.get("name") ?? "").trim(),
      };
      const messages = { email: "Enter your e-mail address.", password: "Enter your password." };
      return { data, missing: missingOf(data, messages) };
    },
    send: async ({ name, ...credentials }) => {
      try {
        if (making) await register({ ...credentials, name }, cart?.id);
        else await login(credentials, cart?.id);
      } catch (error) {
        if (!isProblem(error) || error.code !== "invalid_credentials") throw error;
        return [{ message: "That e-mail and password don’t match." }];
      }
      await navigate(nextPath(search), { replace: true });
    },
  });

  const query = search.size > 0 ? `?${search}` : "";
  return (
    <NarrowPage title={making ? "Make an account" : "Sign in"}>
      <PageForm form={form}>
        {making && (
          <Field
            id="name"
            name="name"
            label="Name"
            autoComplete="name"
            enterKeyHint="next"
            error={form.errorOf("name")}
          />
        )}
        <EmailField autoComplete="username" enterKeyHint="next" error={form.errorOf("email")} />
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
          error={form.errorOf("password")}
        />
        <Button type="submit" scripted busy={form.busy}>
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
      </PageForm>
    </NarrowPage>
  );
}
