import { t } from "../../engine/language/translate.ts";
import { columnsOf, losses, map } from "../state/training.ts";
import { formatNumber } from "../ui/format.ts";

/** Rows that somebody would listen to. */
const MOST_ROWS = 20;

/** The pictures' numbers for screen readers: the loss at some passes, and the range of each parameter's quantity. */
export function TrainingTable() {
  const reading = losses.value;
  const [loss] = columnsOf(reading, "loss");
  if (!reading || !loss) return null;
  // A pass from another line has no number of this loss.
  const present = Array.from(loss.mean.keys()).filter((i) => loss.count[i] !== 0);
  const every = Math.max(1, Math.ceil(present.length / MOST_ROWS));
  const shown = present.filter((_, i) => i % every === 0 || i === present.length - 1);
  return (
    <div class="spoken-only">
      <table>
        <caption>{t("Loss over the passes")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("Pass")}</th>
            <th scope="col">{t("loss")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((i) => (
            <tr key={i}>
              <td>{String((reading.firstPasses[i] ?? 0) + 1)}</td>
              <td>{formatNumber(loss.mean[i] ?? NaN)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul>
        {(map.value?.columns ?? []).slice(0, MOST_ROWS).map((column) => (
          <li key={column.row}>
            {reading.rows.find(({ id }) => id === column.row)?.name}:{" "}
            {t`${formatNumber(column.mean[0] ?? NaN)} at first, ${formatNumber(column.mean.at(-1) ?? NaN)} at last`}
          </li>
        ))}
      </ul>
    </div>
  );
}
