import { PassThrough } from "node:stream";
import { createReadableStreamFromReadable } from "@react-router/node";
import { renderToPipeableStream } from "react-dom/server";
import {
  type EntryContext,
  type HandleDataRequestFunction,
  type HandleErrorFunction,
  isRouteErrorResponse,
  ServerRouter,
} from "react-router";
import { NONCE_HEADER, NonceContext } from "./nonce";
import { RETRY_AFTER } from "./server/loading.server";

/** How long the data of a page may take once its head is rendered, in milliseconds. */
export const streamTimeout = 5_000;

/** The headers of every page and every answer of data that failed: kept by nobody; an outage says when to try again. */
function refuse(headers: Headers, status: number): void {
  if (status < 400) return;
  headers.set("Cache-Control", "no-store");
  if (status === 503) headers.set("Retry-After", String(RETRY_AFTER));
}

/**
 * Renders a page to its end before it is answered: the front names its inline scripts in a header (front/pages.ts), and nothing
 * here is deferred, so that nobody would see the first half earlier.
 */
export default function handleRequest(request: Request, status: number, headers: Headers, routerContext: EntryContext) {
  refuse(headers, status);
  if (!routerContext.staticHandlerContext.loaderData.root?.shop) headers.set("Cache-Control", "no-store");
  if (request.method === "HEAD") return new Response(null, { status, headers });
  const nonce = request.headers.get(NONCE_HEADER) ?? undefined;

  return new Promise<Response>((resolve, reject) => {
    let failed = false;
    const timer = setTimeout(() => abort(), streamTimeout + 1_000);
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext value={nonce}>
        <ServerRouter context={routerContext} url={request.url} {...(nonce && { nonce })} />
      </NonceContext>,
      {
        ...(nonce && { nonce }),
        onAllReady() {
          clearTimeout(timer);
          const body = new PassThrough();
          headers.set("Content-Type", "text/html; charset=utf-8");
          if (failed) refuse(headers, 500);
          pipe(body);
          resolve(new Response(createReadableStreamFromReadable(body), { headers, status: failed ? 500 : status }));
        },
        onShellError(error) {
          clearTimeout(timer);
          reject(error);
        },
        onError(error) {
          failed = true;
          if (!(error instanceof Response)) console.error(error);
        },
      },
    );
  });
}

export const handleDataRequest: HandleDataRequestFunction = (response) => {
  refuse(response.headers, response.status);
  return response;
};

/** What goes wrong while a page is made is one line in the log; a refusal, or an API that is down, is in the request log. */
export const handleError: HandleErrorFunction = (error, { request }) => {
  if (request.signal.aborted || isRouteErrorResponse(error) || error instanceof Response) return;
  console.error(`${request.headers.get("X-Request-ID")} ${request.method} ${new URL(request.url).pathname}`, error);
};
