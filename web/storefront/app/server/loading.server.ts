import { isProblem, type Problem } from "@noirel/shared/api/problem";
import { data } from "react-router";

/** What an error page knows of its error; the browser gets it too. */
export type PageError = { request_id: string | null };

/** Seconds after which an unreachable API is worth another try. */
export const RETRY_AFTER = 10;

/** The status a page has when the API refused what it needs: an outage of the API is one of the page, and can be retried. */
export function pageStatus({ status }: Problem): number {
  if (status === 404 || status === 410) return 404;
  if (status === 0 || status === 429 || (status > 500 && status < 600)) return 503;
  return status >= 400 && status < 500 ? 400 : 500;
}

/** Wraps a loader or an action: a problem of the API becomes the error page of `pageStatus`. */
export function loading<A extends { request: Request }, T>(load: (args: A) => Promise<T>): (args: A) => Promise<T> {
  return async (args) => {
    try {
      return await load(args);
    } catch (error) {
      throw isProblem(error) ? pageError(args.request, pageStatus(error)) : error;
    }
  };
}

/** To be thrown: the page of a 400, 404, 500 or 503. Its headers are those of entry.server.tsx. */
export function pageError(request: Request, status: number) {
  const error: PageError = { request_id: request.headers.get("X-Request-ID") };
  return data(error, { status });
}

/** The fields of a submitted form. Throws the page of a 400 if the body is no form. */
export async function formOf(request: Request): Promise<FormData> {
  try {
    return await request.formData();
  } catch {
    throw pageError(request, 400);
  }
}
