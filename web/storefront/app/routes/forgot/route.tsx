import { Button } from "@noirel/shared/ui/button";
import { useState } from "react";
import { Link } from "react-router";
import { pageMeta } from "../../seo/meta";
import { EmailField, missingOf, PageForm, useForm } from "../../session/form";
import { NarrowPage } from "../../session/narrow-page";
import { personal } from "../../session/session";

export const headers = () => ({ "Cache-Control": "no-store" });
export const meta = () =>
  pageMeta({ title: "Forgot your password", description: "Get a link by e-mail.", canonical: null, origin: "" });

export default function ForgotPage() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  const form = useForm({
    fields: ["email"],
    read: (values) => {
      const data = { email: String(values.get("email")).trim() };
      return { data, missing: missingOf(data, { email: "Enter your e-mail address." }) };
    },
    send: async (data) => {
      const { send } = await personal();
      await send({ method: "POST", url: "/auth/password/forgot", data });
      setSentTo(data.email);
    },
  });

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
      <PageForm form={form}>
        <EmailField autoComplete="username" enterKeyHint="send" error={form.errorOf("email")} />
        <Button type="submit" scripted busy={form.busy}>
          Send me the link
        </Button>
        <p className="text-sm text-ink-2">
          <Link to="/login" className="underline underline-offset-3">
            Back to sign in
          </Link>
        </p>
      </PageForm>
    </NarrowPage>
  );
}
