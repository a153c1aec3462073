/** Who did it, at the end of a sentence: "by Ira Menon", "automatically"; nothing for what nobody here did. */
export const byWhom = (actor: string): string =>
  actor === "system" ? "automatically" : actor && actor !== "guest" ? `by ${actor}` : "";

/** "Packed by Ira Menon." What was written as more than one sentence keeps them, and names who did it after them. */
export function actedOn({ message, actor }: { message: string; actor: string }): string {
  const by = byWhom(actor);
  if (!by) return message;
  if (/[.!?:]\s/.test(message) || !message.endsWith(".")) {
    return `${message.endsWith(".") ? message : `${message}.`} ${by.charAt(0).toUpperCase()}${by.slice(1)}.`;
  }
  return `${message.slice(0, -1)} ${by}.`;
}
