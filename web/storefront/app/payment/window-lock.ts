/**
 * One payment window per order in all tabs of this browser: a lock that the tab with the window holds.
 *
 * Resolves to the function that releases it, or to null while another tab has it and `takeOver` is false. `lost` is called when
 * another tab takes it over. Browsers without Web Locks open the window in each tab; the order can still be paid only once.
 */
export function lockWindow(
  number: string,
  { takeOver, lost }: { takeOver: boolean; lost: () => void },
): Promise<(() => void) | null> {
  if (!navigator.locks) return Promise.resolve(() => undefined);
  return new Promise((resolve) => {
    navigator.locks
      .request(`noirel.pay.${number}`, takeOver ? { steal: true } : { ifAvailable: true }, (lock) => {
        if (lock) return new Promise<void>((release) => resolve(release));
        resolve(null);
        return undefined;
      })
      .catch(lost);
  });
}
