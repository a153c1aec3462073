import { isRouteErrorResponse, Link } from "react-router";

/** A page that is not there, or that failed: true status codes come from the loader, the words from here. */
export function ErrorPage({ error }: { error: unknown }) {
  const missing = isRouteErrorResponse(error) && error.status === 404;
  return (
    <main id="main" tabIndex={-1} className="wrap grid min-h-svh content-center gap-8">
      <h1 tabIndex={-1} className="display text-4xl">
        {missing ? "This hour does not exist." : "The lamp went out."}
      </h1>
      <p className="max-w-prose text-ink-2">
        {missing ? "Eight do." : "Something on our side failed, and it has been noted. Nothing was charged."}
      </p>
      <Link className="link justify-self-start" to="/">
        Back to the hours
      </Link>
    </main>
  );
}
