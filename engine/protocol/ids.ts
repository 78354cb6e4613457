declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** A recorded pass: counts every `backward()` and `autograd.grad` of a run from 0. */
export type PassId = Branded<"PassId">;
/** A row of a pass's tape: an op, or a leaf. Dense from 0, in forward order. */
export type NodeId = Branded<"NodeId">;
/** A call in the user's source. Unique in a run; 0 is none. */
export type SiteId = Branded<"SiteId">;
/** A module, composite function or other group that nodes were made in. Index into {@link PassGraph.scopes}. */
export type ScopeId = Branded<"ScopeId">;
/** A long piece of work that reports progress and can be cancelled. Chosen by the caller, unique on its channel. */
export type JobId = Branded<"JobId">;
