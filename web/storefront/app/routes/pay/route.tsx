export default function PayPage() {
  return <h1 className="wrap display text-4xl">Pay</h1>;
}
