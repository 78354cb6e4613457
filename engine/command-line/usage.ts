export const USAGE = `Usage:
  backstep run FILE [--json] [--values] [-- ARGUMENT ...]
      Runs a model file and prints each backward pass: loss, nodes, gradient norms.
  backstep check FILE [--json] [--pass N|all | --most N] [--mode M] [-- ARGUMENT ...]
      Checks every op and every parameter against finite differences: by default in the first pass of each
      distinct structure (the same ops, wired the same way, on data of any size), with --pass in that pass
      (counted from 0), or in all of them.

  --json      print one JSON object
  --values    with run --json: the elements of every gradient as well
  --most N    with check: at most N structures (100 by default); it says how many were left out
  --mode M    with check, of each parameter compare: sampled, some elements, with the largest and the smallest (the
              default); full, each one; directional, all at once along random directions; local, nothing:
              each op by itself; other-inputs, the same, on inputs that were not recorded as well; second-order,
              whether the backward of each op can itself be differentiated
  --threads N compute with N threads
  --seed N    seed the random numbers before the file runs

Exit status: 0 fine, 1 a gradient is wrong, 2 the file could not be run.
`;
