import { isProblem } from "@noirel/shared/api/problem";
import type { User } from "@noirel/shared/api/types";
import { Button } from "@noirel/shared/ui/button";
import { useState } from "react";
import { Link, redirect } from "react-router";
import { pageMeta } from "../../seo/meta";
import { EmailField, missingOf, PageForm, useForm } from "../../session/form";
import { NarrowPage } from "../../session/narrow-page";
import { PasswordField } from "../../session/password-field";
import { onSignedIn, personal } from "../../session/session";
import type { Route } from "./+types/route";

export const headers = () => ({ "Cache-Control": "no-store" });
export const meta = () =>
  pageMeta({ title: "Change your e-mail", description: "For your account.", canonical: null, origin: "" });

export async function clientLoader() {
  await onSignedIn();
  const { send, signedIn } = await personal();
  if (!signedIn()) throw redirect("/login?next=/account/email");
  const { email } = await send<User>({ url: "/me" });
  return { email };
}

export function HydrateFallback() {
  return <NarrowPage title="Change your e-mail" />;
}

export default function EmailPage({ loaderData: { email } }: Route.ComponentProps) {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useForm({
    fields: ["email", "password"],
    read: (values) => {
      const data = { email: String(values.get("email")).trim(), password: String(values.get("password")) };
      return { data, missing: missingOf(data, { email: "Enter your new e-mail.", password: "Enter your password." }) };
    },
    send: async (data) => {
      const { send } = await personal();
      try {
        await send({ method: "POST", url: "/auth/email/change", data });
      } catch (error) {
        if (!isProblem(error) || error.code !== "invalid_credentials") throw error;
        return [{ id: "password", message: "That isn’t your password." }];
      }
      setSentTo(data.email);
    },
  });

  if (sentTo !== null) {
    return (
      <NarrowPage
        title="Check your new mailbox."
        lead={
          <>
            A link to confirm <Address>{sentTo}</Address> is on its way. It works for 24 hours. Until you follow it, you
            sign in with <Address>{email}</Address>. Nothing there? Look in your spam folder. If the address belongs to
            another account, no link is sent.
          </>
        }
      >
        <p className="mt-8 flex flex-wrap gap-x-8 gap-y-2">
          <button type="button" className="link min-h-6" onClick={() => setSentTo(null)}>
            Use another address
          </button>
          <Link to="/account" className="link inline-flex min-h-6 items-center">
            Back to your account
          </Link>
        </p>
      </NarrowPage>
    );
  }
  return (
    <NarrowPage
      title="Change your e-mail"
      lead={
        <>
          It is <Address>{email}</Address> now. We send a link to the new address, and it changes when you follow that
          link.
        </>
      }
    >
      <PageForm form={form}>
        <EmailField label="New e-mail" autoComplete="email" enterKeyHint="next" error={form.errorOf("email")} />
        <PasswordField
          id="password"
          label="Password"
          autoComplete="current-password"
          error={form.errorOf("password")}
        />
        <Button type="submit" busy={form.busy}>
          Send me the link
        </Button>
        <p className="flex flex-wrap gap-x-8 gap-y-2 text-sm text-ink-2">
          <Link to="/account" className="underline underline-offset-3">
            Back to your account
          </Link>
          <Link to="/forgot" className="underline underline-offset-3">
            Forgot your password?
          </Link>
        </p>
      </PageForm>
    </NarrowPage>
  );
}

function Address({ children }: { children: string }) {
  return <b className="font-medium break-words text-ink">{children}</b>;
}
