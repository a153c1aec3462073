export function Wordmark({ className = "" }: { className?: string }) {
  return <span className={`font-display text-wordmark leading-none tracking-wordmark ${className}`}>NOIR’EL</span>;
}
