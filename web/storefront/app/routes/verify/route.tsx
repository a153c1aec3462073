import { isProblem } from "@noirel/shared/api/problem";
import { Button, buttonClass } from "@noirel/shared/ui/button";
import { useCallback, useEffect, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { pageMeta } from "../../seo/meta";
import { NarrowPage } from "../../session/narrow-page";
import { personal, useSession } from "../../session/session";

export const headers = () => ({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
export const meta = () =>
  pageMeta({ title: "Confirm your e-mail", description: "For your account.", canonical: null, origin: "" });

type Outcome = "confirming" | "confirmed" | "link_invalid" | "taken" | "failed";

export default function VerifyPage() {
  const [search] = useSearchParams();
  const { status } = useSession();
  const token = search.get("token") ?? "";
  const isChange = search.has("change");
  const [outcome, setOutcome] = useState<Outcome>(token ? "confirming" : "link_invalid");

  const confirm = useCallback(async () => {
    setOutcome("confirming");
    try {
      const { send, signedIn, refreshSession } = await personal();
      await send({ method: "POST", url: "/auth/verify-email", data: { token } });
      // Who is signed in here has another address from now on, which pages show.
      if (signedIn()) await refreshSession().catch(() => null);
      setOutcome("confirmed");
    } catch (error) {
      if (isProblem(error) && error.code === "email_taken") setOutcome("taken");
      else setOutcome(isProblem(error) && error.status === 400 ? "link_invalid" : "failed");
    }
  }, [token]);
  useEffect(() => {
    if (token) void confirm();
  }, [token, confirm]);

  if (outcome === "confirming") {
    return (
      <NarrowPage title="Confirming your e-mail…">
        <noscript>
          <p className="mt-5">This needs JavaScript. Turn it on and open the link again.</p>
        </noscript>
      </NarrowPage>
    );
  }
  if (outcome === "confirmed") {
    return (
      <NarrowPage
        title={isChange ? "Your e-mail is changed." : "Your e-mail is confirmed."}
        lead={isChange ? "Sign in with the new address from now on." : "Thank you. There is nothing else to do."}
      >
        <p className="mt-8">
          <Link to={status === "member" ? "/account" : "/login"} className={buttonClass()}>
            {status === "member" ? "To your account" : "Sign in"}
          </Link>
        </p>
      </NarrowPage>
    );
  }
  if (outcome === "taken") {
    return (
      <NarrowPage
        title="This e-mail belongs to another account."
        lead="Your account keeps the address it had. To use this one, erase the other account first, or choose a different address."
      >
        <p className="mt-8">
          <Link to="/account" className={buttonClass()}>
            To your account
          </Link>
        </p>
      </NarrowPage>
    );
  }
  if (outcome === "failed") {
    return (
      <NarrowPage title="That didn’t work." lead="The shop can’t be reached at the moment. The link stays valid.">
        <p className="mt-8">
          <Button onClick={() => void confirm()}>Try again</Button>
        </p>
      </NarrowPage>
    );
  }
  if (isChange) {
    return (
      <NarrowPage
        title="This link doesn’t work."
        lead="It is older than 24 hours, was used already, or you have asked for another change or a new password since. Your account keeps its present address."
      >
        <p className="mt-8">
          <Link to="/account/email" className={buttonClass()}>
            Change your e-mail
          </Link>
        </p>
      </NarrowPage>
    );
  }
  return (
    <NarrowPage
      title="This link doesn’t work."
      lead="It is older than seven days, or was cut off in the mail. You can shop all the same. Choosing a new password by e-mail also confirms your address."
    >
      <p className="mt-8 flex flex-wrap items-center gap-x-8 gap-y-4">
        <Link to="/forgot" className={buttonClass()}>
          Send me a link
        </Link>
        <Link to="/login" className="link">
          Sign in
        </Link>
      </p>
    </NarrowPage>
  );
}
