/** A refusal of the API (RFC 9457): `code` is what programs decide by, `detail` is what people read. */
export type FieldProblem = { field: string; code: string; message: string };

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: FieldProblem[];
  /** Members beyond the standard ones: `lines` of out_of_stock, `total` of total_changed. */
  readonly extra: Record<string, unknown>;
  /** Seconds to wait, where the API says so (429, 503). */
  readonly retryAfter: number | null;

  constructor(status: number, body: Record<string, unknown>, retryAfter: number | null = null) {
    const { type: _type, title, status: _status, detail, code, errors, ...extra } = body;
    super(String(detail || title || `HTTP ${status}`));
    this.name = "Problem";
    this.status = status;
    this.code = typeof code === "string" ? code : status === 0 ? "offline" : `http_${status}`;
    this.title = typeof title === "string" ? title : "";
    this.detail = typeof detail === "string" ? detail : "";
    this.errors = Array.isArray(errors) ? (errors as FieldProblem[]) : [];
    this.extra = extra;
    this.retryAfter = retryAfter;
  }

  /** The message for one field ("shipping_address.postcode"), if the API had one. */
  field(name: string): string | undefined {
    return this.errors.find((error) => error.field === name)?.message;
  }
}

export function isProblem(value: unknown): value is Problem {
  return value instanceof Problem;
}

export function seconds(header: string | null | undefined): number | null {
  const value = Number(header);
  return header && Number.isFinite(value) ? value : null;
}

/** The body of an answer, or its refusal as a thrown Problem. */
export async function unwrap<T>(answer: Promise<TypedResponse<T>>): Promise<T> {
  let response: Response;
  try {
    response = await answer;
    // The body may end early too, or not before the deadline.
    if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  } catch {
    throw new Problem(0, { title: "The shop cannot be reached." });
  }
  let body: Record<string, unknown> = {};
  try {
    body = (await response.json()) as Record<string, unknown>;
  } catch {
    // A proxy's own error page: the status is all there is to know.
  }
  throw new Problem(response.status, body, seconds(response.headers.get("Retry-After")));
}

export type TypedResponse<T> = Response & { readonly __body?: T };
