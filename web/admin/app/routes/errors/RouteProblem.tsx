import { Problem } from "@noirel/shared/api/problem";
import { useEffect } from "react";
import { isRouteErrorResponse, useLocation, useRevalidator, useRouteError } from "react-router";
import { landingFor, navItems } from "../../layout/navigation";
import { currentUser, onSessionChange } from "../../session/session";
import { Button, ButtonLink } from "../../ui/Button";
import { Empty, PageTitle, Panel } from "../../ui/Panel";
import { useTitle } from "../../ui/useTitle";

const ASKED_WRONG: [string, string] = ["Can’t be shown", "The address asks for something that this page doesn’t have."];
const WORDS: Record<number, [title: string, says: string]> = {
  400: ASKED_WRONG,
  401: ["Signed out", "You’ve been signed out. Sign in again."],
  403: ["Not for your role", "Your role can’t open this page. An owner can change that."],
  404: ["Not found", "There is nothing at this address."],
  409: ["Changed meanwhile", "Somebody has just changed this. Load it again."],
  422: ASKED_WRONG,
  429: ["Too many requests", "The shop was asked too often. Wait a minute, then try again."],
};
const FAILED: [string, string] = ["No answer", "The shop did not answer. Nothing was lost."];
const OFFLINE: [string, string] = ["Offline", "You’re offline. Nothing was lost."];

/** What went wrong, in words, and a way on. The rest of the admin stays alive around it. */
export function RouteProblem() {
  const error = useRouteError();
  const status = error instanceof Problem || isRouteErrorResponse(error) ? error.status : 0;
  const [title, says] = WORDS[status] ?? (navigator.onLine ? FAILED : OFFLINE);
  useTitle(title);
  return (
    <>
      <PageTitle>{title}</PageTitle>
      <Panel>
        <div role="alert">
          <Empty action={<WayOn status={status} />}>{says}</Empty>
        </div>
      </Panel>
    </>
  );
}

function WayOn({ status }: { status: number }) {
  const { pathname, search } = useLocation();
  const { revalidate, state } = useRevalidator();
  const user = currentUser();
  // Signed in again above this page (layout/SignInAgain.tsx): it can be read now.
  useEffect(
    () => (status === 401 ? onSessionChange((change) => change === "resumed" && void revalidate()) : undefined),
    [status, revalidate],
  );
  if (status === 401) {
    return <ButtonLink to={`/login?next=${encodeURIComponent(pathname + search)}`}>Sign in</ButtonLink>;
  }
  if ((status === 400 || status === 422) && search) return <ButtonLink to={pathname}>Show all</ButtonLink>;
  if (status === 403 || status === 404 || status === 400 || status === 422) {
    const landing = user ? navItems.find(({ to }) => to === landingFor(user)) : null;
    return user && landing && user.permissions.includes(landing.permission) ? (
      <ButtonLink to={landing.to}>Go to {landing.label}</ButtonLink>
    ) : null;
  }
  return (
    <Button onClick={() => void revalidate()} busy={state === "loading"}>
      Try again
    </Button>
  );
}
