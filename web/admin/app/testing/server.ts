import { browser } from "@noirel/shared/api/browser";
import { AxiosError, type InternalAxiosRequestConfig } from "axios";

export type SentRequest = { method: string; url: string; params: object; body: unknown; key: string };
type Answer = { status?: number; body: unknown };

/** Answers the pages' calls from here, over Axios's own adapter; gives the list of what was asked, in order. */
export function serve(answer: (asked: SentRequest) => Answer | Promise<Answer>): SentRequest[] {
  const heard: SentRequest[] = [];
  browser.defaults.adapter = async (config: InternalAxiosRequestConfig) => {
    const asked: SentRequest = {
      method: config.method ?? "get",
      url: config.url ?? "",
      params: config.params ?? {},
      body: typeof config.data === "string" ? JSON.parse(config.data) : undefined,
      key: String(config.headers.get("Idempotency-Key") ?? ""),
    };
    heard.push(asked);
    const { status = 200, body } = await answer(asked);
    const response = { data: body, status, statusText: "", headers: {}, config };
    if (status >= 400) throw new AxiosError("refused", undefined, config, null, response);
    return response;
  };
  return heard;
}
