/** Kinds of names of PyTorch that there are not, on purpose, and what to do instead. The first that matches counts. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [
    /quant|^q_|^q(?:u)?int\d|^int_repr$|fbgemm|qparams|^qscheme$|float[48]_|^bits?\d|^(?:u)?int\d+$/,
    "numbers are not quantized here: use float32",
  ],
  [
    /sparse|coalesce|indices_copy$|^(?:col|crow|row|ccol)_indices|^hspmm|^s?spmm|^d?smm$|^hsmm|saddmm|^dense_dim$|^to_dense$/,
    "tensors are dense here: keep zeros, or use embedding and scatter",
  ],
  [
    /cuda|cudnn|mkldnn|miopen|mps|^x[lp]u$|xla|ipu|mtia|vulkan|maia|^Stream$|^Event$|pin_memory|record_stream|is_pinned/,
    "everything is computed on the CPU: leave it out",
  ],
  [
    /complex|conj|^view_as_(?:real|complex)|^(?:real|imag|angle|polar|isreal|cfloat|cdouble|chalf|H|mH)$|^(?:i)?stft$/,
    "there are no complex numbers: keep real and imaginary part as two tensors",
  ],
  [
    /half|bfloat16|autocast|GradScaler/,
    "there is no half precision: use float32, in which gradients are checked as well",
  ],
  [
    /Script|^jit|Graph|compile|Type$|CallStack|Capsule|^Code$|^Block$|^Node$|^Value$|^Use$|fork|^wait$|parse_|import_ir|unify_type|Future|RRef|Dispatch|Serializ|FileRead|FileWrit|FunctionSchema|Argument|Module(?:Builder)?$|^vmap$|^cond$/,
    "a model file runs as it is written: there is no compiler to call",
  ],
  [/^(?:gru|lstm|rnn_(?:relu|tanh))(?:_cell)?$/, "use the modules nn.GRU, nn.LSTM, nn.RNN and their cells"],
  [
    /batch_norm_|native_|convolution$|_backward|segment_reduce|grid_sampler|affine_grid_generator|embedding_renorm|_with_indices$|constant_pad_nd/,
    "it is an inside of PyTorch: use the function of F that calls it",
  ],
  [
    /num_threads|deterministic|matmul_precision|denormal|printoptions|warn_always|anomaly|default_device|default_tensor|rng_state|has_lapack|has_mkl|has_openmp|has_spectral/,
    "it sets how PyTorch runs: leave it out; manualSeed makes a run repeatable",
  ],
  [
    /_copy$|^resize|^set_$|storage|data_ptr|^share_memory_$|from_file|frombuffer|empty_(?:strided|permuted)|^map2?_$|^apply_$/,
    "memory is managed here: use reshape, clone, copy_",
  ],
  [/^(?:save|load)$/, "use data.writeSafetensors(file, net.stateDict()) and data.readSafetensors(file)"],
  [
    /^(?:eig|eigvals|lu|lu_.*|ldl_.*|geqrf|orgqr|ormqr|householder_product|lobpcg|symeig|triangular_solve|cholesky_(?:inverse|solve))$/,
    "of factorisations there are linalg.cholesky, eigh, qr and svd; solve and inv for systems",
  ],
  [/Lazy|Uninitialized/, "give the sizes when the layer is made"],
  [
    /3[dD]|FractionalMax|fractional_max|MaxUnpool|max_unpool/,
    "it is not computed here: reshape to two spatial axes, or put it together from unfold and amax",
  ],
  [/ctc|CTC/, "it is not computed here: write it as an autograd.Function, whose backward is then checked"],
  [
    /weight_norm|spectral_norm|parametriz|prune|rnn$|stateless|fuse_|skip_init/,
    "write the weight as an expression in forward: it is differentiated like any other",
  ],
  [/DataParallel|SyncBatchNorm|distributed/i, "there is one process: use the module itself"],
  [/LBFGS|SparseAdam|Muon|Adafactor/, "use Adam or SGD: the gradients that are debugged are the same"],
];

/** Why a name of PyTorch, as it is spelled there, is not here; null for one that nothing is said of. */
export function adviceOf(name: string): string | null {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
