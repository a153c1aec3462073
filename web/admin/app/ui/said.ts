import { isProblem } from "@noirel/shared/api/problem";

const EMPTY = /^This (field|list) (may not be (blank|null|empty)|is required)\.?$/;

/** What went wrong, in the shop's words; a lost connection says what to do, an empty field is named. */
export function said(error: unknown): string {
  if (!isProblem(error) || error.status === 0) return "The shop did not answer. Nothing was lost; try again.";
  const first = error.errors[0];
  if (!first) return error.detail || error.title;
  return EMPTY.test(first.message) ? `${nameOf(first.field)} is missing.` : first.message;
}

/** "lines.0.tracking_number" is "Tracking number". */
function nameOf(field: string): string {
  const last = field.split(".").findLast((part) => !/^\d+$/.test(part)) ?? field;
  const words = last.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
