import { Problem } from "@noirel/shared/api/problem";
import { isRouteErrorResponse, useRevalidator, useRouteError } from "react-router";
import { landingFor, places } from "../../layout/places";
import { currentUser } from "../../session/session";
import { Button, ButtonLink } from "../../ui/Button";
import { Empty, PageTitle, Panel } from "../../ui/Panel";
import { useTitle } from "../../ui/useTitle";

const WORDS: Record<number, [title: string, says: string]> = {
  401: ["Signed out", "You’ve been signed out. Sign in again."],
  403: ["Not for your role", "Your role does not open this page. An owner can change that."],
  404: ["Not found", "There is nothing at this address."],
};
const FAILED: [string, string] = ["No answer", "The shop did not answer. Nothing was lost."];

/** What went wrong, in words, and a way on. The rest of the admin stays alive around it. */
export function RouteProblem() {
  const error = useRouteError();
  const status = error instanceof Problem || isRouteErrorResponse(error) ? error.status : 0;
  const [title, says] = WORDS[status] ?? FAILED;
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
  const retry = useRevalidator();
  const user = currentUser();
  if (status === 401) return <ButtonLink to="/login">Sign in</ButtonLink>;
  if (!(status in WORDS)) {
    return (
      <Button onClick={() => retry.revalidate()} busy={retry.state === "loading"}>
        Try again
      </Button>
    );
  }
  const landing = user ? places.find(({ to }) => to === landingFor(user)) : null;
  return user && landing && user.permissions.includes(landing.permission) ? (
    <ButtonLink to={landing.to}>Go to {landing.label}</ButtonLink>
  ) : null;
}
