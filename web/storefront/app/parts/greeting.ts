/** "Good morning" until noon, "Good afternoon" until five, "Good evening" from then until four: the night is ours. */
export function greeting(hour: number): string {
  if (hour >= 4 && hour < 12) return "Good morning";
  if (hour >= 12 && hour < 17) return "Good afternoon";
  return "Good evening";
}
