import type { RankCell } from "./rank-cells.ts";

const GAP = 1;
const HEIGHT = 4;
/** Half the width of a card's edge. */
const EDGE = 0.5;

interface RankCellsProps {
  readonly cells: readonly RankCell[];
  readonly width: number;
  /** Whether they stand on the card's upper edge, where its text begins right below that; else along it. */
  readonly above: boolean;
}

/** A cell for each rank at the upper edge of a card. A click shows the rank. */
export function RankCells({ cells, width, above }: RankCellsProps) {
  const inset = 8;
  const pitch = (width - 2 * inset) / Math.max(1, cells.length);
  return (
    <g class="rank-cells">
      {cells.map(({ rank, kind, means }, i) => (
        <rect
          key={rank}
          class={kind}
          data-rank={rank}
          x={inset + i * pitch}
          y={above ? -HEIGHT - EDGE : -HEIGHT / 2}
          width={Math.max(1, pitch - GAP)}
          height={HEIGHT}
          rx={1}
        >
          <title>{means}</title>
        </rect>
      ))}
    </g>
  );
}
