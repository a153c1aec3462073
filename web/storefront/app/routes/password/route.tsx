import { isProblem } from "@noirel/shared/api/problem";
import { Button } from "@noirel/shared/ui/button";
import { useState } from "react";
import { Link, redirect } from "react-router";
import { pageMeta } from "../../seo/meta";
import { missingOf, PageForm, useForm } from "../../session/form";
import { NarrowPage } from "../../session/narrow-page";
import { NEW_PASSWORD_RULE, PasswordField } from "../../session/password-field";
import { onSignedIn, personal } from "../../session/session";
import type { Route } from "./+types/route";

export const headers = () => ({ "Cache-Control": "no-store" });
export const meta = () =>
  pageMeta({ title: "Change your password", description: "For your account.", canonical: null, origin: "" });

export async function clientLoader() {
  await onSignedIn();
  const { signedIn } = await personal();
  if (!signedIn()) throw redirect("/login?next=/account/password");
  return null;
}

export function HydrateFallback() {
  return (
    <NarrowPage title="Change your password">
      <noscript>
        <p className="mt-4">This page needs JavaScript. Turn it on for this site and reload the page.</p>
      </noscript>
    </NarrowPage>
  );
}

export default function PasswordPage(_: Route.ComponentProps) {
  const [changed, setChanged] = useState(false);
  const form = useForm({
    fields: ["current_password", "new_password"],
    read: (values) => {
      const data = {
        current_password: String(values.get("current_password")),
        new_password: String(values.get("new_password")),
      };
      const messages = { current_password: "Enter your current password.", new_password: "Enter a new password." };
      return { data, missing: missingOf(data, messages) };
    },
    send: async (data) => {
      const { send, refreshSession } = await personal();
      try {
        await send({ method: "POST", url: "/auth/password/change", data });
      } catch (error) {
        if (!isProblem(error) || error.code !== "invalid_credentials") throw error;
        return [{ id: "current_password", message: "That isn’t your current password." }];
      }
      // Every other session has ended; this one goes on with a new access token.
      await refreshSession().catch(() => null);
      setChanged(true);
    },
  });

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
      <PageForm form={form}>
        <PasswordField
          id="current_password"
          label="Current password"
          autoComplete="current-password"
          error={form.errorOf("current_password")}
        />
        <PasswordField
          id="new_password"
          label="New password"
          autoComplete="new-password"
          hint={NEW_PASSWORD_RULE}
          error={form.errorOf("new_password")}
        />
        <Button type="submit" scripted busy={form.busy}>
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
      </PageForm>
    </NarrowPage>
  );
}
