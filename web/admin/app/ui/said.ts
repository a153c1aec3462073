import { type FieldProblem, isProblem } from "@noirel/shared/api/problem";

const EMPTY = /^This (field|list) (may not be (blank|null|empty)|is required)\.?$/;
const TOO_LONG = /^Ensure this field has no more than (\d+) characters\.?$/;

/** What went wrong, in the shop's words; a lost connection says what to do, an empty field is named. */
export function said(error: unknown): string {
  if (!isProblem(error) || error.status === 0) return "The shop did not answer. Nothing was lost; try again.";
  const first = error.errors[0];
  return first ? fieldMessage(first) : error.detail || error.title;
}

/** The refusal of one field as a sentence; `label` is what the form calls the field. */
export function fieldMessage({ field, message }: FieldProblem, label = nameOf(field)): string {
  if (EMPTY.test(message)) return `${label} is missing.`;
  const most = TOO_LONG.exec(message)?.[1];
  return most ? `At most ${most} characters.` : message;
}

/** "lines.0.tracking_number" is "Tracking number". */
function nameOf(field: string): string {
  const last = field.split(".").findLast((part) => !/^\d+$/.test(part)) ?? field;
  const words = last.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
