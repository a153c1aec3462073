/** The list with what stood at `from` put at `to`; the same list when there is no such place. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  const one = list[from];
  if (one === undefined || to < 0 || to >= list.length || from === to) return list;
  const rest = list.filter((_, index) => index !== from);
  return [...rest.slice(0, to), one, ...rest.slice(to)];
}

/** Where a key takes what stands at `from` in a list of `length`; null when it takes it nowhere. */
export function placeBy(key: string, from: number, length: number): number | null {
  const to = { ArrowUp: from - 1, ArrowDown: from + 1, Home: 0, End: length - 1 }[key] ?? from;
  return to === from || to < 0 || to >= length ? null : to;
}
