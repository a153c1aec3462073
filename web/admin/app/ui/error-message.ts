import { type FieldProblem, isProblem, type Problem } from "@noirel/shared/api/problem";

/** What the serializer library says of a field, and the sentence that staff read instead. `label` is the form's name of the field. */
const SENTENCES: [pattern: RegExp, sentence: (label: string, match: RegExpExecArray) => string][] = [
  [/^This (?:field|list|selection|dictionary) (?:may not be (?:blank|null|empty)|is required)/, missing],
  [
    /^Ensure this (?:field|filename) has (?:no more than|at most) (\d+) characters/,
    (_, [, n]) => `At most ${n} characters.`,
  ],
  [/^Ensure this field has at least (\d+) characters/, (_, [, n]) => `At least ${n} characters.`],
  [/^Ensure this field has at least 1 elements/, () => "Choose at least one."],
  [/^Ensure this field has at least (\d+) elements/, (_, [, n]) => `At least ${n} are needed.`],
  [/^Ensure this field has no more than (\d+) elements/, (_, [, n]) => `At most ${grouped(n)} are allowed.`],
  [/^Ensure this value is less than or equal to (-?\d+)/, (_, [, n]) => `Enter ${grouped(n)} or less.`],
  [/^Ensure this value is greater than or equal to (-?\d+)/, (_, [, n]) => `Enter ${grouped(n)} or more.`],
  [/^A valid (?:big)?integer is required/, () => "Enter a whole number."],
  [/^(?:A valid number is required|Enter a number)/, () => "Enter a number."],
  [/^String value too large|^Integer value too large/, () => "This is too long."],
  [/^Enter a valid URL/, () => "Enter a full address, starting with https://."],
  [/^Enter a valid email address/, () => "Enter an e-mail address like name@example.com."],
  [
    /^Date(?:time)? has wrong format|^Expected a date but got|^(?:An instant|A day) (?:like|looks like)/,
    () => "Enter a date that exists.",
  ],
  [/^Datetime value out of range|^Invalid datetime for the timezone/, () => "Enter a date that exists."],
  [/^".*" is not a valid (?:path )?choice/s, () => "Choose one of the values on offer."],
  [/^(?:Not one of ours:|One of [\w, ]+\.$|error or note\.$)/, () => "Choose one of the values on offer."],
  [/^This cursor is not one of ours/, () => "That page of the list is no longer there."],
  [/^Must be (?:a valid boolean|true or false)/, () => "Choose yes or no."],
  [
    /^(?:Not a valid string|Expected a (?:list|dictionary) of items|Value must be valid JSON)/,
    (label) => `${label} can’t be read.`,
  ],
  [/^(?:This value does not match the required pattern|Enter a valid (?:value|[“"]slug))/, pattern],
  [/^No file was submitted/, () => "Choose a file."],
  [/^The submitted file is empty/, () => "The file is empty."],
  [/^(?:The submitted data was not a file|No filename could be determined)/, () => "Choose the file again."],
  [/^Null characters are not allowed/, (label) => `${label} has a character that can’t be saved.`],
  [/^There is no such field/, () => "This page is out of date. Copy what you typed, reload the page and try again."],
];

function missing(label: string): string {
  return `${label} is missing.`;
}

/** Parts of addresses are all that the API checks by a pattern under these names. */
function pattern(label: string): string {
  return /^(?:slug|to|address|old address|leads to|name in addresses)$/i.test(label)
    ? "Enter one part of an address: letters, digits and hyphens."
    : `${label} has characters that aren’t allowed.`;
}

const grouped = (digits: string | undefined): string => Number(digits).toLocaleString("en-IN").replace("-", "−");

export const SIGNED_OUT = "You’ve been signed out. What you typed is still here: sign in, then try again.";

/** The refusal of a request whose session has ended, rather than of what was sent. */
export const isSignedOut = (error: unknown): boolean =>
  isProblem(error) && error.status === 401 && error.code !== "invalid_credentials";

/** What went wrong, in the shop's words; a lost connection says what to do, an empty field is named. */
export function errorMessage(error: unknown): string {
  if (isSignedOut(error)) return SIGNED_OUT;
  if (!isProblem(error) || error.status === 0) return "The shop did not answer. Nothing was lost; try again.";
  const first = error.errors[0];
  return first ? fieldMessage(first) : error.detail || error.title;
}

/** The refusal of one field as a sentence; `label` is what the form calls the field. */
export function fieldMessage({ field, message }: FieldProblem, label = nameOf(field)): string {
  // The size of a file that staff chose, of which nobody typed a number.
  if (/(?:^|\.)bytes$/.test(field) && message.includes("greater than or equal to 1")) return "The file is empty.";
  for (const [known, sentence] of SENTENCES) {
    const match = known.exec(message);
    if (match) return sentence(label, match);
  }
  return message;
}

/**
 * What is wrong with each field, by the form's names: of all that a refusal says, and of an address that is taken. Empty when it
 * names no field. `fieldOf` maps the API's names to the form's, `labelOf` those to what stands beside the field.
 */
export function fieldErrors(
  problem: Problem,
  fieldOf: (name: string) => string = (name) => name,
  labelOf: (name: string) => string | undefined = () => undefined,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const one of problem.errors) {
    const name = fieldOf(one.field);
    const message = fieldMessage(one, labelOf(name));
    if (!found[name]?.includes(message)) found[name] = found[name] ? `${found[name]} ${message}` : message;
  }
  if (problem.code === "slug_taken" && !found.slug) found.slug = problem.detail || problem.title;
  return found;
}

/** "lines.0.tracking_number" is "Tracking number". */
function nameOf(field: string): string {
  const last = field.split(".").findLast((part) => !/^\d+$/.test(part)) ?? field;
  const words = last.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
