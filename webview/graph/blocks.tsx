import type { CardModel } from "./card-model.ts";
import type { Placed } from "./scene.ts";

/** Cards as blocks of colour: one path for each colour, so that thousands cost no more than a few. */
export function Blocks({
  cards,
}: {
  readonly cards: readonly { readonly placed: Placed; readonly model: CardModel }[];
}) {
  const paths = new Map<string, string[]>();
  let current: Placed | null = null;
  const bad: Placed[] = [];
  for (const { placed, model } of cards) {
    const color = model.bar ? `var(--g${String(model.bar.stop)})` : "var(--map-wait)";
    const known = paths.get(color);
    const d = `M${String(placed.x)} ${String(placed.y)}h${String(placed.width)}v${String(placed.height)}h${String(-placed.width)}z`;
    if (known) known.push(d);
    else paths.set(color, [d]);
    if (model.current) current = placed;
    if (model.marks.some((mark) => mark.kind === "fail" || mark.kind === "nan")) bad.push(placed);
  }
  return (
    <g>
      {[...paths].map(([color, d]) => (
        <path key={color} d={d.join("")} fill={color} />
      ))}
      {bad.map((placed) => (
        <rect
          key={placed.item}
          x={placed.x - 6}
          y={placed.y - 6}
          width={placed.width + 12}
          height={placed.height + 12}
          fill="none"
          stroke="var(--vscode-errorForeground)"
          stroke-width={12}
        />
      ))}
      {current && (
        <rect
          x={current.x - 8}
          y={current.y - 8}
          width={current.width + 16}
          height={current.height + 16}
          fill="none"
          stroke="var(--accent)"
          stroke-width={16}
        />
      )}
    </g>
  );
}
