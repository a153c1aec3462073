type Tone = "good" | "wait" | "bad" | "off";

const tones: Record<Tone, string> = { good: "bg-success", wait: "bg-warning", bad: "bg-danger", off: "bg-rule" };

/** A state carries its word; the dot only helps the eye down a column. A ring means "not yet". */
export function Status({ tone, ring = false, children }: { tone: Tone; ring?: boolean; children: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <i
        aria-hidden="true"
        className={`size-[7px] flex-none rounded-full ${ring ? "border-[1.5px] border-current bg-transparent" : tones[tone]} ${ring ? ringTones[tone] : ""}`}
      />
      {children}
    </span>
  );
}

/** What kind of thing a row is, beside its name: said only of the unusual one. */
export function Badge({ children }: { children: string }) {
  return (
    <span className="ms-2 inline-block rounded-[4px] border border-line bg-sunk px-1.5 text-xs font-normal text-ink-2">
      {children}
    </span>
  );
}

const ringTones: Record<Tone, string> = {
  good: "text-success",
  wait: "text-warning",
  bad: "text-danger",
  off: "text-rule",
};

const orderWords: Record<string, [string, Tone, boolean]> = {
  pending_payment: ["Awaiting payment", "off", true],
  paid: ["Paid", "good", false],
  fulfilled: ["Fulfilled", "good", true],
  delivered: ["Delivered", "good", false],
  cancelled: ["Cancelled", "off", false],
  expired: ["Expired", "off", false],
};
const paymentWords: Record<string, [string, Tone, boolean]> = {
  pending: ["Awaiting payment", "off", true],
  authorized: ["Authorised", "wait", true],
  paid: ["Paid", "good", false],
  partially_refunded: ["Part refunded", "off", false],
  refunded: ["Refunded", "off", false],
  failed: ["Failed", "bad", true],
};
const fulfilmentWords: Record<string, [string, Tone, boolean]> = {
  unfulfilled: ["Unfulfilled", "wait", true],
  partial: ["Part fulfilled", "wait", false],
  fulfilled: ["Fulfilled", "good", false],
  returned: ["Returned", "off", false],
};

function known(words: Record<string, [string, Tone, boolean]>, value: string) {
  const [word, tone, ring] = words[value] ?? [value, "off", false];
  return (
    <Status tone={tone} ring={ring}>
      {word}
    </Status>
  );
}

export const OrderStatus = ({ value }: { value: string }) => known(orderWords, value);
const disputeWords: Record<string, [string, Tone, boolean]> = {
  open: ["Disputed", "bad", true],
  lost: ["Dispute lost", "bad", false],
};
/** An open or lost dispute says more about the money than that it was paid. */
export const PaymentStatus = ({
  value,
  dispute = "none",
  refunding = false,
}: {
  value: string;
  dispute?: string;
  refunding?: boolean;
}) => {
  if (disputeWords[dispute]) return known(disputeWords, dispute);
  // Money that is promised back counts as refunded before the gateway has sent it.
  return refunding ? (
    <Status tone="wait" ring>
      Refund on its way
    </Status>
  ) : (
    known(paymentWords, value)
  );
};
/** Everything packed is "Packed" until it has shipped, which makes the order's own status "fulfilled". */
export const FulfilmentStatus = ({ value, order }: { value: string; order: string }) =>
  value === "fulfilled" && order === "paid" ? <Status tone="wait">Packed</Status> : known(fulfilmentWords, value);
