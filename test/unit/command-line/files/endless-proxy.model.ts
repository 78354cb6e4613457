const endless = (): never => {
  for (;;);
};
throw new AggregateError(
  [new Proxy(new Error("never shown"), { get: endless, getPrototypeOf: endless })],
  "two went wrong",
);
