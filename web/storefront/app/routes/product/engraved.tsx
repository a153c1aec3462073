/** Flacon units of the render (see demo/render): the cut lies at y 440 of 560, 42 high; the frame is 800 by 1000. */
const UNIT = (0.66 * 1000) / 560;
const CUT_AT = 230 + 440 * UNIT;

/** What is being typed, cut into the glass of the picture beneath. The frame is the picture's own 4:5. */
export function Engraved({ text }: { text: string }) {
  if (!text) return null;
  const size = (text.length > 9 ? 33 : 42) * UNIT;
  return (
    <svg viewBox="0 0 800 1000" className="pointer-events-none absolute inset-0 size-full" aria-hidden="true">
      <text
        x="400"
        y={CUT_AT}
        textAnchor="middle"
        dominantBaseline="central"
        fontSize={size}
        letterSpacing={4 * UNIT}
        fontWeight="300"
        className="font-display [fill:var(--on-glass)] [paint-order:stroke] [stroke:oklch(0.1_0.02_290/0.35)] [stroke-width:1.2]"
        style={{ "--on-glass": "color-mix(in oklab, var(--juice-lit, white) 38%, white)" } as React.CSSProperties}
      >
        {text}
      </text>
    </svg>
  );
}
