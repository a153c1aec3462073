import type { AdminProductCard, BulkAct, BulkChange, BulkRequest } from "../../types";

/** Who is chosen: some by hand, on any page of the list, or all that its filters let through. */
export type Choice = { by: Map<string, AdminProductCard["status"]>; all: boolean };
export const NOBODY: Choice = { by: new Map(), all: false };

type Row = Pick<AdminProductCard, "slug" | "status">;

/** These rows chosen, or not any more; who was chosen on other pages stays so. */
export function chosen({ by }: Choice, rows: Row[], wanted: boolean): Choice {
  const next = new Map(by);
  for (const { slug, status } of rows) {
    if (wanted) next.set(slug, status);
    else next.delete(slug);
  }
  return { by: next, all: false };
}

/** What the list is filtered by, as the bulk API wants it. Free samples have a view of their own; a search finds them as well. */
export type Where = NonNullable<BulkRequest["where"]>;
export function whereOf(params: URLSearchParams): Where {
  const names = ["q", "status", "category", "collection"] as const;
  const filters = names.flatMap((name) => (params.get(name) ? [[name, params.get(name)]] : []));
  const sample = params.get("view") === "samples" ? true : params.get("q") ? undefined : false;
  return { ...Object.fromEntries(filters), ...(sample !== undefined && { sample }) } as Where;
}

/** What an empty list says: of a search, of the samples, of filters, or of a shop that has no products yet. */
export function emptyOf(params: URLSearchParams): string {
  const q = params.get("q");
  if (q) return `No product matches “${q}”.`;
  if (params.get("view") === "samples")
    return "No free samples. A sample is a product that is not listed and costs nothing.";
  return ["status", "category", "collection"].some((name) => params.get(name))
    ? "No products with these filters."
    : "No products yet.";
}

/** The products an act is about: with all of them goes how many were seen, so that it is never about more. */
export type Target = Pick<BulkRequest, "slugs" | "where" | "expected">;
export const targetOf = ({ by, all }: Choice, where: Where, total: number): Target =>
  all ? { where, expected: total } : { slugs: [...by.keys()] };

const BACK: Record<AdminProductCard["status"], BulkAct> = {
  active: "publish",
  draft: "unpublish",
  archived: "archive",
};

/** What gives each product its former state again; those that were refused never lost theirs. */
export function undoOf(
  { by }: Choice,
  act: BulkAct,
  refused: ReadonlySet<string>,
): { act: BulkAct; slugs: string[] }[] {
  if (!Object.values(BACK).includes(act)) return [];
  return (Object.keys(BACK) as AdminProductCard["status"][])
    .filter((status) => BACK[status] !== act)
    .map((status) => ({
      act: BACK[status],
      slugs: [...by].filter(([slug, was]) => was === status && !refused.has(slug)).map(([slug]) => slug),
    }))
    .filter(({ slugs }) => slugs.length);
}

export const counted = (count: number) => `${count.toLocaleString("en-IN")} ${count === 1 ? "product" : "products"}`;

const stayed = (count: number) =>
  count === 1 ? "1 stayed as it was" : `${count.toLocaleString("en-IN")} stayed as they were`;

const DONE: Record<BulkAct, string> = {
  publish: "published",
  unpublish: "moved to drafts",
  archive: "archived",
  category: "put in their category",
  collect: "put in the collection",
  uncollect: "taken out of the collection",
  reprice: "given new prices",
};

export const isOpen = ({ status }: BulkChange) => status === "queued" || status === "running";

/** How it ended, or how far it is, in a sentence. */
export function resultMessage(job: BulkChange): string {
  const { act, products_total: total, products_done: done, products_refused: refused } = job;
  const changed = done - refused;
  if (isOpen(job)) return `${done.toLocaleString("en-IN")} of ${counted(total)} ${DONE[act]}…`;
  const whole = changed === total ? counted(total) : `${changed.toLocaleString("en-IN")} of ${counted(total)}`;
  const end = job.status === "cancelled" ? " It was stopped." : job.status === "failed" ? ` ${job.problem}` : "";
  return `${whole} ${DONE[act]}${refused ? `, ${stayed(refused)}` : ""}.${end}`;
}
