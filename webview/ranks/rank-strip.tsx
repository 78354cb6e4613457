import type { RankCell } from "./rank-cells.ts";

const GAP = 1;
const HEIGHT = 4;
/** Half the width of a card's edge. */
const EDGE = 0.5;

/** A cell for each rank on the upper edge of a card, whose text begins right below it. A click shows the rank. */
export function RankCells({ cells, width }: { readonly cells: readonly RankCell[]; readonly width: number }) {
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
          y={-HEIGHT - EDGE}
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
