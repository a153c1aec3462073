export default function BagPage() {
  return <h1 className="wrap display text-4xl">Bag</h1>;
}
