export default function OrderPage() {
  return <h1 className="wrap display text-4xl">Order</h1>;
}
