/** How every table of the admin looks: its column heads and its cells. */
export const head = "px-2.5 py-1.5 text-xs font-normal whitespace-nowrap text-ink-3 first:ps-4 last:pe-4";
export const cell = "border-t border-line px-2.5 py-1.5 whitespace-nowrap first:ps-4 last:pe-4";
