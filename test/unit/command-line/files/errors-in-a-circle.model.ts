const a = new AggregateError([], "a"),
  b = new AggregateError([a], "b");
a.errors.push(b, new Error("inner"));
throw a;
