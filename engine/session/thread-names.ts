import { labelTable, opTable } from "../autograd/pass.ts";
import type { SiteId } from "../protocol/ids.ts";
import type { Site } from "../protocol/site.ts";
import { recordedOpOf, type PassNames } from "../reading/pass-names.ts";
import type { RecordedOp } from "../recording/pass-structure.ts";
import type { SiteRegistry } from "./loader/site-registry.ts";

/** In the user thread: what its tapes refer to, read from the tables that it writes. */
export class ThreadNames implements PassNames {
  readonly #registry: SiteRegistry;
  readonly #ops: RecordedOp[] = [];

  constructor(registry: SiteRegistry) {
    this.#registry = registry;
  }

  op(index: number): RecordedOp {
    return (this.#ops[index] ??= recordedOpOf(opTable.text(index)));
  }

  label(index: number): string {
    return labelTable.text(index);
  }

  site(id: number): Site | null {
    return this.#registry.get(id as SiteId);
  }
}
