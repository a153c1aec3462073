/** Whether shoppers use HTTPS: cookies are then never sent, or taken, over HTTP. */
export const isSecure = (): boolean => (process.env.PUBLIC_URL ?? "").startsWith("https:");
