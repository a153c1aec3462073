/** The key that `useKeys` calls "mod", as it is printed on the keyboard. */
export const mod = (platform: string = navigator.platform): string =>
  /^(Mac|iPhone|iPad)/.test(platform) ? "⌘" : "Ctrl";
