import { isRouteErrorResponse, Link, useLocation, useRouteLoaderData } from "react-router";
import { Dial } from "../parts/dial";
import type { loader } from "../root";

/** A page that is not there, or that failed: true status codes come from the loader, the words from here. */
export function ErrorPage({ error }: { error: unknown }) {
  const root = useRouteLoaderData<typeof loader>("root");
  const { pathname } = useLocation();
  const missing = isRouteErrorResponse(error) && error.status === 404;
  return (
    <div className="wrap grid min-h-[72svh] content-center gap-7 py-16">
      <title>{missing ? "This hour does not exist · NOIR’EL" : "The lamp went out · NOIR’EL"}</title>
      <meta name="robots" content="noindex" />
      <h1 tabIndex={-1} className="display text-5xl font-extralight">
        {missing ? "This hour does not exist." : "The lamp went out."}
      </h1>
      <p className="max-w-prose text-lg text-ink-2">
        {missing ? "These do." : "Something failed on our side, and it has been noted. Your bag is as you left it."}
        {!missing && root?.request && (
          <>
            {" "}
            Quote <bdi className="numerals">{root.request}</bdi> if you write to us.
          </>
        )}
      </p>
      {missing && root && root.hours.length > 0 ? (
        <Dial hours={root.hours} to={({ slug }) => `/p/${slug}`} className="mt-6" />
      ) : (
        <p className="flex gap-8">
          <a className="link" href={pathname}>
            Try again
          </a>
          <Link className="link" to="/">
            Back to the hours
          </Link>
        </p>
      )}
    </div>
  );
}
