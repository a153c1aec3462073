import { isProblem } from "@noirel/shared/api/problem";
import { Button, buttonClass } from "@noirel/shared/ui/button";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { pageMeta } from "../../seo/meta";
import { missingOf, PageForm, useForm } from "../../session/form";
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
  const [outcome, setOutcome] = useState<"changed" | "link_invalid" | null>(null);
  const token = search.get("token") ?? "";
  const form = useForm({
    fields: ["password"],
    read: (values) => {
      const data = { password: String(values.get("password")) };
      return { data, missing: missingOf(data, { password: "Enter a new password." }) };
    },
    send: async ({ password }) => {
      const { send } = await personal();
      try {
        await send({ method: "POST", url: "/auth/password/reset", data: { token, password } });
      } catch (error) {
        if (!isProblem(error) || error.code !== "link_invalid") throw error;
        setOutcome("link_invalid");
        return;
      }
      setOutcome("changed");
      // All sessions have ended, the one of this browser too.
      if (status === "member") await logout().catch(() => undefined);
    },
  });

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
      <PageForm form={form}>
        <PasswordField
          id="password"
          label="New password"
          autoComplete="new-password"
          hint={NEW_PASSWORD_RULE}
          error={form.errorOf("password")}
        />
        <Button type="submit" scripted busy={form.busy}>
          Change password
        </Button>
      </PageForm>
    </NarrowPage>
  );
}
