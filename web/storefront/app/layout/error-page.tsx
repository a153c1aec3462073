import { isProblem } from "@noirel/shared/api/problem";
import { isRouteErrorResponse, Link, useLocation, useRouteLoaderData } from "react-router";
import { Dial, type Hour } from "../parts/dial";

type Words = { title: string; text: string };

const MISSING: Words = { title: "This hour does not exist.", text: "These do." };
const UNREADABLE: Words = {
  title: "This address can’t be read.",
  text: "Something in it was mistyped or cut off. Nothing was changed.",
};
const UNREACHABLE: Words = {
  title: "Back in a moment.",
  text: "The shop can’t be reached right now. Your bag is as you left it. Try again in a minute.",
};
const FAILED: Words = {
  title: "The lamp went out.",
  text: "Something failed on our side, and it has been noted. Your bag is as you left it.",
};

/** The status of a page that ended in `error`, in the browser too. */
export function statusOf(error: unknown): number {
  if (isRouteErrorResponse(error) || error instanceof Response) return error.status;
  // In the browser: a call that got no answer, or one from a shop that is down.
  if (isProblem(error)) return error.status === 0 || error.status > 500 ? 503 : error.status;
  return 500;
}

function wordsOf(status: number): Words {
  if (status === 404) return MISSING;
  if (status === 503) return UNREACHABLE;
  return status < 500 ? UNREADABLE : FAILED;
}

/** What to quote to us: only what the server itself wrote about this error (server/loading.server.ts). */
function requestIdOf(error: unknown): string | null {
  const known = isRouteErrorResponse(error) ? (error.data as { request_id?: unknown } | null)?.request_id : null;
  return typeof known === "string" ? known : null;
}

/** A page that is not there, or that failed: true status codes come from the loader, the words from here. */
export function ErrorPage({ error }: { error: unknown }) {
  const root = useRouteLoaderData<() => { hours: Hour[] }>("root");
  const { pathname } = useLocation();
  const status = statusOf(error);
  const { title, text } = wordsOf(status);
  const requestId = status >= 500 ? requestIdOf(error) : null;
  return (
    <div className="wrap grid min-h-[72svh] content-center gap-7 py-16">
      <title>{`${title.replace(/\.$/, "")} · NOIR’EL`}</title>
      <meta name="robots" content="noindex" />
      <h1 tabIndex={-1} className="display text-5xl font-extralight">
        {title}
      </h1>
      <p className="max-w-prose text-lg text-ink-2">
        {text}
        {requestId && (
          <>
            {" "}
            Quote <bdi className="numerals break-all">{requestId}</bdi> if you write to us.
          </>
        )}
      </p>
      {status === 404 && root && root.hours.length > 0 ? (
        <Dial hours={root.hours} to={({ slug }) => `/p/${slug}`} className="mt-6" />
      ) : (
        <p className="flex gap-8">
          {status >= 500 && (
            <a className="link" href={pathname}>
              Try again
            </a>
          )}
          <Link className="link" to="/">
            Back to the hours
          </Link>
        </p>
      )}
    </div>
  );
}
