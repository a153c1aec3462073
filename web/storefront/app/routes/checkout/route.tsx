export default function CheckoutPage() {
  return <h1 className="wrap display text-4xl">Checkout</h1>;
}
