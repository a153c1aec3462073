import { isProblem } from "@noirel/shared/api/problem";

/** What went wrong, in the shop's words; a lost connection says what to do. */
export function said(error: unknown): string {
  if (!isProblem(error) || error.status === 0) return "The shop did not answer. Nothing was lost; try again.";
  return error.errors[0]?.message ?? (error.detail || error.title);
}
