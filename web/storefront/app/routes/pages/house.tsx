export default function Page() {
  return <h1 className="wrap display text-4xl">NOIR’EL</h1>;
}
