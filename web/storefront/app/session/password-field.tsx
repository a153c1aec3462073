import { ScriptButton } from "@noirel/shared/ui/button";
import { Field } from "@noirel/shared/ui/field";
import { type ReactNode, useState } from "react";

/** Shown before anybody types a new password; the API is what enforces it. */
export const NEW_PASSWORD_RULE =
  "At least 10 characters. Not a common or leaked password, and without your name or e-mail address.";

type PasswordFieldProps = {
  id: string;
  label?: string;
  autoComplete: "current-password" | "new-password";
  hint?: ReactNode;
  error?: string | undefined;
};

/** A password input that can be shown. Pasting and password managers work. */
export function PasswordField({ id, label = "Password", autoComplete, hint, error }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field
      id={id}
      name={id}
      label={label}
      action={
        <ScriptButton
          className="min-h-6 text-ink-3 underline underline-offset-3"
          aria-pressed={shown}
          aria-label={`Show ${label.toLowerCase()}`}
          onClick={() => setShown(!shown)}
        >
          Show
        </ScriptButton>
      }
      type={shown ? "text" : "password"}
      autoComplete={autoComplete}
      autoCapitalize="none"
      spellCheck={false}
      required
      {...(hint !== undefined && { hint })}
      error={error}
    />
  );
}
