/** Kinds of names of PyTorch that there are not, on purpose, and what to do instead. The first that matches counts. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:bartlett|blackman|hamming|hann|kaiser)_window$/,
    "compute it of arange(n): a Hann window is arange(n).mul(Math.PI / n).sin().square()",
  ],
  [/^histogram(?:dd)?$/, "there is histc, which counts between two ends, and bincount"],
  [/^igammac?_?$/, "of gamma functions there are lgamma and digamma"],
  [
    /^(?:finfo|iinfo|can_cast|promote_types|result_type|(?:get|set)_default_dtype|is_signed)$/,
    'a dtype is text here: x.dtype is "float32", "float64", "int64" or "bool"',
  ],
  [/^(?:Iterable)?Dataset$/, "a dataset is any object with length and get(index), or an array of examples"],
  [/^get_device$/, "everything is computed on the CPU: leave it out"],
  [/^from_numpy$/, "tensor(data) takes arrays and typed arrays; data.readNpy(file) reads a file of NumPy's"],
  [
    /^(?:put|index_reduce|scatter_reduce)_?$|^as_strided_scatter$/,
    "of what writes by indices there are scatter, scatterAdd, scatterReduce, indexAdd and indexPut_",
  ],
  [/^(?:nextafter_?|frexp)$/, "the bits of a number are not taken apart: use log2 and floor, or add the smallest step"],
  [/^unique_consecutive$/, "there is unique; neighbours that differ are where diff is not 0"],
  [
    /^(?:cauchy|exponential|geometric|log_normal|random)_$|^(?:binomial|poisson)$/,
    "draw it from its distribution: new distributions.Exponential(rate).sample(shape), copied with copy_",
  ],
  [/^randint_like$/, "randint(low, high, x.shape) draws as many"],
  [/^range$/, "arange(start, end) leaves the end out, linspace(start, end, steps) has it"],
  [
    /^(?:combinations|unravel_index)$/,
    "compute the indices in plain JavaScript, and give them to indexSelect or index",
  ],
  [/^(?:gradient|cumulative_trapezoid)$/, "write it with diff and cumsum; trapezoid gives the whole integral"],
  [/^nanmedian$/, "take the median of what maskedSelect leaves: x.maskedSelect(x.isnan().logicalNot()).median()"],
  [/^(?:celu|selu|threshold|float_power)_$/, "take it out of place: x = F.selu(x), x = x.floatPower(2)"],
  [/^(?:frobenius|nuclear)_norm$/, 'linalg.matrixNorm(x, "fro") and linalg.matrixNorm(x, "nuc") give it'],
  [/^fill$/, "fullLike(x, value) makes a new tensor, x.fill_(value) writes into this one"],
  [/^positive$/, "it is x itself"],
  [/^chain_matmul$/, "use linalg.multiDot([a, b, c])"],
  [/^embedding_bag$/, "use F.embedding, and sum or mean over the entries of a bag"],
  [/^pdist$/, "cdist(x, x) has all distances; triu leaves each pair once"],
  [/^multi_head_attention_forward$/, "use the module nn.MultiheadAttention, or F.scaledDotProductAttention"],
  [/^Buffer$/, 'use this.registerBuffer("name", tensor)'],
  [/^ConcreteModuleTypeBuilder$/, "a model file runs as it is written: there is no compiler to call"],
  [
    /^(?:ContinuousBernoulli|GeneralizedPareto)$/,
    "it is not among the distributions: write one as a class that extends distributions.Distribution",
  ],
  [/^ReshapeTransform$/, "reshape the sample: a shape changes no density"],
  [
    /^(?:gradcheck|gradgradcheck)$/,
    "backstep check FILE compares every gradient of a pass, and --mode second-order those of backward",
  ],
  [
    /anomaly/,
    "every pass is looked at: run and check name the op that made the first NaN or infinity, and a breakpoint can stop there",
  ],
  [
    /^(?:fft|ifft|rfft|irfft|fft2|ifft2|fftn|ifftn|special|sparse|fx|onnx|hub|profiler|func|amp|backends|overrides|package|testing|multiprocessing)$/,
    "this part of PyTorch is not here: write what it computes with the ops of docs/ops.md",
  ],
  [
    /^(?:Bool|Byte|Char|Double|Float|Int|Long|Short)Tensor$/,
    'make it by tensor(data, { dtype: "int64" }) and the like',
  ],
  [
    /^bitwise_|^(?:gcd|lcm)_?$|^(?:byte|char|short)$/,
    "there are no operations on bits and small integers: of bool there are logicalAnd, logicalOr, logicalXor, logicalNot",
  ],
  [
    /^Generator$|^initial_seed$|^seed$|default_generator|thread_safe_generator/,
    "manualSeed(seed) sets the one generator",
  ],
  [
    /^(?:squeeze|unsqueeze|transpose|t|swapaxes|swapdims|as_strided|resize)_$/,
    "a tensor keeps its shape: assign the view, as in x = x.transpose(0, 1)",
  ],
  [
    /^(?:kaiming|xavier)_(?:normal|uniform)$|^(?:constant|dirac|eye|normal|orthogonal|uniform|sparse)$/,
    "what fills a tensor ends with an underscore: nn.init.kaimingNormal_(weight)",
  ],
  [/^clip_grad_norm$/, "its name ends with an underscore: nn.utils.clipGradNorm_"],
  [/^NLLLoss2d$|^Container$|^reinforce$|^volatile$/, "PyTorch has left it: use NLLLoss, Module, noGrad"],
  [
    /linear_cross_entropy|LinearCrossEntropy|grouped_mm|scaled_mm|^sspaddmm$|^conv_tbc$|cross_map|CrossMap/,
    "it is a faster form of what there is: write it with matmul, linear, crossEntropy",
  ],
  [/Adaptive(?:LogSoftmax)/, "use crossEntropy over all classes"],
  [
    /alpha_dropout_$|^feature_dropout_?$|^dropout_$|rrelu|RReLU/,
    "use dropout: what is drawn in it is drawn again in a check",
  ],
  [
    /AliasDb|Benchmark|CompilationUnit|DeepCopyMemo|Deserialization|DisableTorch|ErrorReport|ExecutionPlan|FatalError|FileCheck|IODescriptor|JITException|Logger$|OperatorInfo|OutOfMemory|AcceleratorError|^Sym(?:Bool|Float|Int)$|^Tag$|TracingState|merge_type|^(?:AVG|SUM|Gradient|BufferDict|ModuleDict|ParameterDict)$|get_device_module|as_subclass|module_load|hash_tensor|register_post_accumulate|^(?:is_inference|is_neg|is_set_to|is_shared|is_xpu|is_meta|is_nested|is_inference_mode_enabled|resolve_neg|output_nr|grad_dtype|dim_order|slice_inverse|to_padded_tensor|nonzero_static|indices|values|name|new|retains_grad|dtype|layout|memory_format|Size|bit)$|^unsafe_|norm_except_dim|convert_conv2d|RNNBase|RNNCellBase|_threads$/,
    "it is an inside of PyTorch, or says what is always so here: leave it out",
  ],
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
    /num_threads|deterministic|matmul_precision|denormal|printoptions|warn_always|default_device|default_tensor|rng_state|has_lapack|has_mkl|has_openmp|has_spectral/,
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
  [/Uninitialized/, "the parameters of nn.LazyLinear and its like are such until the first call"],
  [
    /3[dD]|FractionalMax|fractional_max|MaxUnpool|max_unpool/,
    "it is not computed here: reshape to two spatial axes, or put it together from unfold and amax",
  ],
  [
    /prune|stateless|fuse_|skip_init/,
    "write the weight as an expression in forward, or as nn.utils.parametrize.registerParametrization does: it is differentiated like any other",
  ],
  [
    /^(?:biject_to|transform_to|ExponentialFamily)$|(?:Cat|Stack|CorrCholesky|LowerCholesky|PositiveDefinite|CumulativeDistribution)Transform|^Wishart$|^LKJCholesky$/,
    "of transforms there are ExpTransform, SigmoidTransform, SoftplusTransform, StickBreakingTransform and ComposeTransform; of matrices MultivariateNormal with scaleTril",
  ],
  [
    /^(?:cholesky|inv|solve|lu_factor|ldl_factor)_ex$|^matrix_sqrth$/,
    "linalg.cholesky, inv and solve throw where PyTorch's _ex tell",
  ],
  [/DataParallel|SyncBatchNorm|distributed/i, "there is one process: use the module itself"],
  [/LBFGS|SparseAdam|Muon|Adafactor/, "use Adam or SGD: the gradients that are debugged are the same"],
];

/** Why a name of PyTorch, as it is spelled there, is not here; null for one that nothing is said of. */
export function adviceOf(name: string): string | null {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}
