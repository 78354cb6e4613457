type Advice = Readonly<Record<string, string>>;

/** Names of PyTorch that there are not on purpose, with what to do instead; by place, as PyTorch names the place. */
export const REFUSED: Readonly<Record<string, Advice>> = {};
