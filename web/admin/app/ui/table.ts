/**
 * How every table of the admin looks: its column heads and its cells. Names of any length wrap, even within a word; figures, dates
 * and states stay on one line.
 */
export const head = "px-2.5 py-1.5 text-xs font-normal whitespace-nowrap text-ink-3 first:ps-4 last:pe-4";
const base = "border-t border-line px-2.5 py-1.5 first:ps-4 last:pe-4";
export const wrappingCell = `${base} wrap-anywhere`;
export const nameCell = `${wrappingCell} min-w-40 text-start font-normal`;
export const cell = `${base} whitespace-nowrap`;
