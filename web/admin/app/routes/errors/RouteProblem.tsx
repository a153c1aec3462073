import { Problem } from "@noirel/shared/api/problem";
import { isRouteErrorResponse, useRevalidator, useRouteError } from "react-router";
import { Button, ButtonLink } from "../../ui/Button";
import { Empty } from "../../ui/Panel";

/** What went wrong, in words, and a way on. The rest of the admin stays alive around it. */
export function RouteProblem() {
  const error = useRouteError();
  const retry = useRevalidator();
  const status = error instanceof Problem || isRouteErrorResponse(error) ? error.status : 0;
  const over = status === 401;
  const lost = status === 404;
  const refused = status === 403;
  return (
    <div role="alert">
      <Empty
        action={
          over ? (
            <ButtonLink to="/login">Sign in</ButtonLink>
          ) : lost || refused ? (
            <ButtonLink to="/orders">Go to orders</ButtonLink>
          ) : (
            <Button onClick={() => retry.revalidate()} busy={retry.state === "loading"}>
              Try again
            </Button>
          )
        }
      >
        {over
          ? "You were away for long. Sign in again."
          : lost
            ? "There is nothing at this address."
            : refused
              ? "Your role does not open this page. An owner can change that."
              : "The shop did not answer. Nothing was lost."}
      </Empty>
    </div>
  );
}
