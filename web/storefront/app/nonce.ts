import { createContext, useContext } from "react";

/**
 * The nonce of this answer's content security policy. The front server makes one for each request and hands it over
 * in the header `X-CSP-Nonce` (it drops what a client sends under that name).
 */
export const NonceContext = createContext<string | undefined>(undefined);
export const NONCE_HEADER = "X-CSP-Nonce";
export const useNonce = () => useContext(NonceContext);
