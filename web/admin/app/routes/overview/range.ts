const iso = (date: Date) => date.toISOString().slice(0, 10);

/** The last n days, today among them, as two ISO dates. */
export function lastDays(days: number, today: Date = new Date()): { from: string; to: string } {
  const from = new Date(today);
  from.setUTCDate(from.getUTCDate() - days + 1);
  return { from: iso(from), to: iso(today) };
}

export function greeting(hour: number): string {
  if (hour < 5) return "Good night";
  if (hour < 12) return "Good morning";
  if (hour < 17) return "Good afternoon";
  return "Good evening";
}

/** "+19.8%", or nothing to compare with. */
export function change(value: number, previous: number): string | null {
  if (previous === 0) return null;
  const percent = ((value - previous) / previous) * 100;
  return `${percent >= 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)}%`;
}
