export default function AccountPage() {
  return <h1 className="wrap display text-4xl">Account</h1>;
}
