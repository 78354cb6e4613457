export const USAGE = `Usage:
  backstep run FILE [--json] [--values] [--record OUT.backstep [--keep K]] [--log OUT] [-- ARGUMENT ...]
      Runs a model file and prints each backward pass: loss, nodes, gradient norms.
  backstep check FILE [--json] [--pass N|all | --most N] [--mode M] [--record OUT.backstep] [-- ARGUMENT ...]
      Checks every op and every parameter against finite differences: by default in the first pass of each
      distinct structure (the same ops, wired the same way, on data of any size), with --pass in that pass
      (counted from 0), or in all of them.
  backstep diagnose FILE|FOLDER [--json] [--record OUT.backstep] [-- ARGUMENT ...]
      Runs a model file and says what is wrong with its training although every gradient is right: docs/findings.md
      lists the kinds of faults. Of a folder of recordings, one for each rank of a training, what the ranks do not agree in.
  backstep show FILE.backstep|FOLDER [--json]
      Prints what is in a recording: each pass that was kept, and the verdicts that were found. Of a folder, what is in
      those of all ranks of one run.
  backstep compare A.backstep B.backstep [--json] [--tolerance X] [--pass N | --pass N,M]
      Compares two recordings, or two passes of one, node by node: values, gradients, shapes, and ops that only
      one of them has. By default the passes that both have. In place of B, LOG.json: what PyTorch's DebugMode has saved of
      a run of the same program (DebugMode.save_logs, within log_tensor_hashes()).
  backstep export FILE --to trace|model-explorer OUT.json [--pass N] [-- ARGUMENT ...]
      Writes one pass, of a recording or of a program that is run to it, for another tool: its forward and backward as a
      trace for Perfetto and Chrome; or its graph for Model Explorer, with gradient norms and verdicts as node data
      beside it (OUT.gradient-norm.json, OUT.verdicts.json). By default the first pass of a program, the last of a recording.
      Of a folder of recordings of ranks, a trace has a process for each rank.
  backstep mcp [FOLDER ...] [--python EXE]
      Serves an assistant by the Model Context Protocol over the standard streams, for files in these folders (by
      default this one): run, check, diagnose, read passes and nodes. It writes no file of its own.

  FILE is a .ts, .js or .py file. A Python file runs under the Python of --python, else that of a .venv beside it or above
  it, else python3 on the PATH, which must have torch.

  --python EXE  the Python to run a .py file with
  -m MODULE   instead of FILE: a Python module
  --ranks N   with run and diagnose of a Python file: N processes that train together, as torchrun starts them on one
              machine; what must be equal on all of them, or the mean of theirs, is held against each other.
              The same for a torchrun of your own: backstep run -- torchrun --nproc-per-node 2 train.py
              With --record FOLDER/NAME.backstep each rank writes FOLDER/NAME.rank0of2.backstep and so on, on its own
              machine; gathered in one folder they are opened as one.
  --json      print one JSON object, in English
  --values    with run --json: the elements of every gradient as well
  --most N    with check: at most N structures (100 by default); it says how many were left out
  --mode M    with check, of each parameter compare: sampled, some elements, with the largest and the smallest (the
              default); full, each one; directional, all at once along random directions; local, nothing:
              each op by itself; other-inputs, the same, on inputs that were not recorded as well; second-order,
              whether the backward of each op can itself be differentiated
  --record F  save a recording: with run and diagnose of the last passes, with check of the checked ones and their verdicts
  --keep K    with run --record: the last K passes (10 by default)
  --log OUT   with run: write the training log (loss, rates, norms of every parameter in every pass) to OUT: a table
              where it ends in .csv, else a folder for TensorBoard
  --tolerance X
              with compare: the relative difference from which on nodes differ (1e-5 by default)
  --threads N compute with N threads
  --seed N    seed the random numbers before the file runs
  --language L
              speak English (en) or Simplified Chinese (zh-cn); by default the language of the terminal (LC_ALL,
              LC_MESSAGES, LANG)

Exit status: 0 fine, 1 a gradient or the training is wrong, or recordings differ, 2 the file could not be run or read. Where
the reader closes the pipe, as head does, it is 1 where something wrong was found by then, and 2 where not all was compared.
`;
