/** "+19.8%", or nothing to compare with. */
export function change(value: number, previous: number): string | null {
  if (previous === 0) return null;
  const percent = ((value - previous) / previous) * 100;
  return `${percent >= 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)}%`;
}
