/** How every table of the admin looks: its column heads and its cells, in which long texts wrap or stay on one line. */
export const head = "px-2.5 py-1.5 text-xs font-normal whitespace-nowrap text-ink-3 first:ps-4 last:pe-4";
export const wrappingCell = "border-t border-line px-2.5 py-1.5 first:ps-4 last:pe-4";
export const cell = `${wrappingCell} whitespace-nowrap`;
