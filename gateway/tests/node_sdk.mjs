// The official Node SDK against the gateway, unmodified but for its address. Run by test_node_sdk.py:
//   node node_sdk.mjs <folder whose node_modules has razorpay> <gateway>
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const [, , folder, gateway] = process.argv;
const Razorpay = createRequire(`${folder}/`)("razorpay");
const shop = new Razorpay({ key_id: process.env.KEY_ID, key_secret: process.env.KEY_SECRET });
shop.api.rq.defaults.baseURL = gateway;

const pay = async (order, body) => {
  const answer = await fetch(`${gateway}/_test/orders/${order}/pay`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
};
const refused = async (call, statusCode, description) => {
  await assert.rejects(call, (refusal) => {
    assert.equal(refusal.statusCode, statusCode);
    assert.match(refusal.error.description, description);
    return true;
  });
};

// An order, paid; the proof is the SDK's own to check.
const order = await shop.orders.create({ amount: 50_000, receipt: "NE-NODE", notes: { hour: "21:12" } });
assert.equal(order.currency, "INR");
const proof = await pay(order.id, { outcome: "success", method: "upi" });
const { validatePaymentVerification } = createRequire(`${folder}/`)("razorpay/dist/utils/razorpay-utils.js");
assert.ok(
  validatePaymentVerification(
    { order_id: order.id, payment_id: proof.razorpay_payment_id },
    proof.razorpay_signature,
    process.env.KEY_SECRET,
  ),
);
assert.equal((await shop.orders.fetch(order.id)).status, "paid");
assert.equal((await shop.orders.fetchPayments(order.id)).items[0].id, proof.razorpay_payment_id);
await refused(() => shop.payments.capture(proof.razorpay_payment_id, 50_000, "INR"), 400, /captured|paid/);

// Money that was only authorised, then taken.
const manual = await shop.orders.create({ amount: 90_000, currency: "INR", payment: { capture: "manual" } });
const authorised = await pay(manual.id, { outcome: "authorize", method: "card" });
assert.equal((await shop.payments.capture(authorised.razorpay_payment_id, 90_000, "INR")).status, "captured");

// Refunds add up, and no further.
const part = await shop.payments.refund(proof.razorpay_payment_id, { amount: 20_000 });
assert.equal(part.amount, 20_000);
await refused(() => shop.payments.refund(proof.razorpay_payment_id, { amount: 30_001 }), 400, /greater than amount captured/);
assert.equal((await shop.payments.fetchMultipleRefund(proof.razorpay_payment_id)).count, 1);

// Lists: newest first, paged, bounded.
const newest = await shop.orders.all({ count: 1, skip: 0 });
assert.deepEqual([newest.count, newest.items[0].id], [1, manual.id]);
assert.equal((await shop.orders.all({ count: 1, skip: 1 })).items[0].id, order.id);
await refused(() => shop.payments.all({ count: 101 }), 400, /may not be greater than 100/);

// What is wrong is said in Razorpay's words.
await refused(() => shop.orders.create({ amount: 99, currency: "INR" }), 400, /at least INR 1.00/);
await refused(() => shop.orders.fetch("order_00000000000000"), 400, /does not exist/);
const stranger = new Razorpay({ key_id: process.env.KEY_ID, key_secret: "wrong" });
stranger.api.rq.defaults.baseURL = gateway;
await refused(() => stranger.orders.all(), 401, /Authentication failed|api key provided is invalid/);
