import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../engine/language/translate.ts";
import type { HeatMap, NodeDetail } from "../../engine/protocol/inspection.ts";
import { copy } from "../state/host.ts";
import { inspect } from "../state/partners.ts";
import { exactText } from "../../engine/recording/number-text.ts";
import { toCsv, toJson, toNumPy } from "./tensor-text.ts";

const MOST_ELEMENTS = 65_536;
const MOST_ROWS = 64;
const MOST_COLUMNS = 64;

/** The exact numbers of the shown window, and copying them. */
export function NumbersTable({ of, picture }: { readonly of: NodeDetail; readonly picture: HeatMap }) {
  const data = useSignal<Float64Array | string>("reading …");
  useEffect(() => {
    let stale = false;
    readWindow(of, picture).then(
      (numbers) => {
        if (!stale) data.value = numbers;
      },
      (error: unknown) => {
        if (!stale) data.value = error instanceof Error ? error.message : t("these numbers cannot be read");
      },
    );
    return () => (stale = true);
  }, [of, picture]);
  const numbers = data.value;
  if (typeof numbers === "string") return <p class="dim">{numbers}</p>;
  const [top, left, rows, columns] = picture.window;
  const dtype = picture.plane === "value" ? of.value.dtype : of.value.dtype === "float64" ? "float64" : "float32";
  const shape = picture.shape.length === 0 ? [] : picture.shape.length === 1 ? [columns] : [rows, columns];
  const shownRows = Math.min(rows, MOST_ROWS);
  const shownColumns = Math.min(columns, MOST_COLUMNS);
  const name = of.label.replace(/\W+/g, "_") || of.op;
  return (
    <>
      <div class="numbers" tabIndex={0} role="region" aria-label={t("Exact numbers")}>
        <table>
          <thead>
            <tr>
              <td />
              {Array.from({ length: shownColumns }, (_, j) => (
                <th key={j} scope="col">
                  {left + j}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: shownRows }, (_, i) => (
              <tr key={i}>
                <th scope="row">{top + i}</th>
                {Array.from({ length: shownColumns }, (_, j) => (
                  <td key={j}>{exactText(numbers[i * columns + j] ?? NaN, dtype)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(shownRows < rows || shownColumns < columns) && (
        <p class="dim">{t`${shownRows} × ${shownColumns} of ${rows} × ${columns}; copying takes the whole window.`}</p>
      )}
      <p class="copies">
        {t("Copy as")}{" "}
        <button type="button" class="link" onClick={() => void copy(toJson(shape, numbers, dtype))}>
          JSON
        </button>{" "}
        <button type="button" class="link" onClick={() => void copy(`${name} = ${toNumPy(shape, numbers, dtype)}`)}>
          NumPy
        </button>{" "}
        <button type="button" class="link" onClick={() => void copy(toCsv(rows, columns, numbers, dtype))}>
          CSV
        </button>
      </p>
    </>
  );
}

/** The window's elements, row-major. Reads whole rows where they are contiguous, else the whole tensor. */
async function readWindow(of: NodeDetail, picture: HeatMap): Promise<Float64Array> {
  const { shape } = picture;
  const [down, across] = picture.axes;
  const [top, left, rows, columns] = picture.window;
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const base = shape.reduce(
    (sum, _, axis) => sum + (axis === down || axis === across ? 0 : (picture.slice[axis] ?? 0) * (strides[axis] ?? 0)),
    0,
  );
  const rowStride = down < 0 ? 0 : (strides[down] ?? 0);
  const columnStride = across < 0 ? 1 : (strides[across] ?? 1);
  const first = base + top * rowStride + left * columnStride;
  const count = (rows - 1) * rowStride + (columns - 1) * columnStride + 1;
  if (rows * columns > MOST_ELEMENTS) {
    throw new Error(`${String(rows)} × ${String(columns)} elements are too many for a table: choose a smaller window`);
  }
  const out = new Float64Array(rows * columns);
  const read = async (start: number, length: number): Promise<Float64Array> =>
    await inspect().elements(of.pass, of.node, { plane: picture.plane, start, count: length });
  if (count <= MOST_ELEMENTS) {
    const all = await read(first, count);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) out[i * columns + j] = all[i * rowStride + j * columnStride] ?? NaN;
    return out;
  }
  for (let i = 0; i < rows; i++) {
    const row = await read(first + i * rowStride, (columns - 1) * columnStride + 1);
    for (let j = 0; j < columns; j++) out[i * columns + j] = row[j * columnStride] ?? NaN;
  }
  return out;
}
