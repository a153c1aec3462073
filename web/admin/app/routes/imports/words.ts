import type { Export, Import } from "../../types";

type Job = Pick<Import, "status" | "products_done" | "products_total" | "is_cancel_asked">;

export const isOpen = ({ status }: Pick<Job, "status">) => status === "queued" || status === "running";

/** What a job is doing, in a word or two. */
export function doing(job: Job & { phase?: Import["phase"] }): string {
  if (isOpen(job) && job.is_cancel_asked) return "Stopping";
  if (job.status === "queued") return "Waiting";
  if (job.status === "running") return job.phase === "reading" ? "Reading" : "Writing";
  return { done: "Done", failed: "Failed", cancelled: "Cancelled" }[job.status];
}

export const toneOf = ({ status }: Pick<Job, "status">) =>
  (({ queued: "off", running: "wait", done: "good", failed: "bad", cancelled: "off" }) as const)[status];

/** Of 0 to 1. Reading knows no end before it is there. */
export function share({ products_done, products_total }: Job): number {
  return products_total ? products_done / products_total : 0;
}

const whole = new Intl.NumberFormat("en-IN");

export const count = (number: number, noun: string) => `${whole.format(number)} ${noun}${number === 1 ? "" : "s"}`;

export function size(bytes: number): string {
  if (bytes < 1024 * 1024) return `${whole.format(Math.ceil(bytes / 1024))} kB`;
  return `${whole.format(Math.round(bytes / 1024 / 1024))} MB`;
}

/** "12 made, 3 changed, 1 refused": what became of the products. */
export function outcome({ counts, dry_run }: Pick<Import, "counts" | "dry_run">): string {
  const told = [
    [counts.products_created, dry_run ? "to create" : "created"],
    [counts.products_changed, dry_run ? "to change" : "changed"],
    [counts.products_unchanged, "unchanged"],
    [counts.products_refused, "refused"],
  ] as const;
  const said = told.filter(([number]) => number).map(([number, word]) => `${whole.format(number)} ${word}`);
  return said.join(", ") || "No products";
}

export function exported({ rows_written, left_out }: Pick<Export, "rows_written" | "left_out">): string {
  return count(rows_written, "row") + (left_out ? `, ${count(left_out, "product")} of other currencies left out` : "");
}
