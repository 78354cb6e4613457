/** Prints a tensor's elements so that not a bit is lost: what the program computes, as it sees it itself. */
export function show(name, tensor) {
  console.log(`${name} ${JSON.stringify([...tensor.dataSync()].map(String))}`);
}

/** Numbers that look like data, and are the same every time. */
export function numbers(count, seed = 1) {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647 - 0.5;
  });
}
