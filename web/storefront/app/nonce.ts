import { createContext, useContext } from "react";

/**
 * Marks the inline scripts that are ours. The front makes a nonce for each request and hands it over in `X-CSP-Nonce` (it drops
 * what a client sends under that name); it then names the marked scripts in the page's policy by their hashes and takes the
 * nonce out again (front/pages.ts).
 */
export const NonceContext = createContext<string | undefined>(undefined);
export const NONCE_HEADER = "X-CSP-Nonce";
export const useNonce = () => useContext(NonceContext);
