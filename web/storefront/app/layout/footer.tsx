export function Footer() {
  return <footer className="wrap py-8 text-sm">NOIR’EL Parfums</footer>;
}
