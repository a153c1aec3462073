import { Button } from "@noirel/shared/ui/button";
import { Field } from "@noirel/shared/ui/field";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { pageMeta } from "../../seo/meta";
import { EmailField, missingOf, PageForm, useForm } from "../../session/form";
import { NarrowPage } from "../../session/narrow-page";
import { personal } from "../../session/session";

export const headers = () => ({ "Cache-Control": "no-store" });
export const meta = () =>
  pageMeta({ title: "Find your order", description: "Get the link by e-mail.", canonical: null, origin: "" });

/** Order numbers as people copy them: "#ne-1234abcd ", with spaces in between. */
export function orderNumberOf(text: string): string {
  return text.replace(/[\s#]/g, "").toUpperCase();
}

export default function FindOrderPage() {
  const [search] = useSearchParams();
  const [sent, setSent] = useState<{ number: string; email: string } | null>(null);
  const form = useForm({
    fields: ["number", "email"],
    read: (values) => {
      const data = { number: orderNumberOf(String(values.get("number"))), email: String(values.get("email")).trim() };
      const messages = {
        number: "Enter the order number.",
        email: "Enter the e-mail address you ordered with.",
      };
      return { data, missing: missingOf(data, messages) };
    },
    send: async (data) => {
      const { send } = await personal();
      await send({ method: "POST", url: "/orders/lookup", data });
      setSent(data);
    },
  });

  if (sent) {
    return (
      <NarrowPage
        title="Check your e-mail."
        lead={
          <>
            If order <bdi className="numerals font-medium text-ink">{sent.number}</bdi> was placed with{" "}
            <b className="font-medium break-words text-ink">{sent.email}</b>, a link to it is on its way. Nothing there?
            Check the number, and look in your spam folder.
          </>
        }
      >
        <p className="mt-8">
          <button type="button" className="link min-h-6" onClick={() => setSent(null)}>
            Try another number or address
          </button>
        </p>
      </NarrowPage>
    );
  }
  return (
    <NarrowPage
      title="Find your order"
      lead="Enter the order number and the e-mail address you ordered with. We send you a link to the order."
    >
      <PageForm form={form}>
        <Field
          id="number"
          name="number"
          label="Order number"
          hint="It begins with NE- and is in the subject of our e-mails."
          defaultValue={search.get("number") ?? ""}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          enterKeyHint="next"
          required
          error={form.errorOf("number")}
        />
        <EmailField autoComplete="email" enterKeyHint="send" error={form.errorOf("email")} />
        <Button type="submit" scripted busy={form.busy}>
          Send me the link
        </Button>
        <p className="text-sm text-ink-2">
          Ordered with an account?{" "}
          <Link to="/account" className="underline underline-offset-3">
            See all your orders
          </Link>
        </p>
      </PageForm>
    </NarrowPage>
  );
}
