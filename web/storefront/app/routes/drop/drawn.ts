/** How many entered a draw that has been held, and how many of them may buy. */
export function drawnWords(entered: number, winners: number): string {
  if (entered === 0) return "Nobody entered.";
  if (entered <= winners)
    return entered === 1 ? "One person entered, and may buy." : `All ${entered} who entered may buy.`;
  return `${entered} entered, and ${winners === 1 ? "the first drawn" : `the first ${winners} drawn`} may buy.`;
}
