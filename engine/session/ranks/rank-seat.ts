import type { TorchrunHost } from "../../recorders/pytorch/torchrun.ts";
import type { RankIdentity } from "../../recording/ranks/rank-reports.ts";

/** What a script is given to run as one of several ranks, and whom it tells what ranks are held against each other by. */
export interface RankSeat {
  /** The variables that torchrun would set. */
  readonly env: Readonly<Record<string, string>>;
  /** The user's own torchrun, where that starts the script. */
  readonly torchrun: TorchrunHost | null;
  /** Whether it tells what that torchrun prints, of all ranks. */
  readonly relays: boolean;
  /** The recorder has been heard of, and says which rank it is of all. */
  connected(identity: RankIdentity | null): void;
  /** An event of the recorder whose name begins with "rank.". */
  told(header: Readonly<Record<string, unknown>>): void;
}
