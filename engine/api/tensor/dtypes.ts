import { expectCpu, type Device } from "../../core/dtypes.ts";
import type { DType } from "../../protocol/dtype.ts";

// The dtypes by the names that PyTorch gives them: `torch.long` is "int64".

export const float32: DType = "float32";
export const float64: DType = "float64";
export const float: DType = "float32";
export const double: DType = "float64";
export const int64: DType = "int64";
export const long: DType = "int64";
/** There is one integer dtype. */
export const int: DType = "int64";
export const int32: DType = "int64";
export const int16: DType = "int64";
export const int8: DType = "int64";
export const uint8: DType = "int64";
export const short: DType = "int64";
export const bool: DType = "bool";

/** Names that a call then refuses in a sentence: nothing is computed in these. */
export const float16 = "float16";
export const half = "float16";
export const bfloat16 = "bfloat16";
export const complex64 = "complex64";
export const complex128 = "complex128";
export const cfloat = "complex64";
export const cdouble = "complex128";

/** A device by its name; there is the CPU alone. PyTorch: `torch.device`. @throws EngineError for any other. */
export function device(name: string, _index?: number): Device {
  expectCpu("device", name);
  return { type: "cpu", index: null };
}

/** What `torch.cuda` tells here: that there is none. */
export const cuda = {
  isAvailable: (): boolean => false,
  deviceCount: (): number => 0,
  manualSeed: (_seed: number): void => {},
  manualSeedAll: (_seed: number): void => {},
  emptyCache: (): void => {},
  synchronize: (): void => {},
} as const;

/** What `torch.backends` tells here. */
export const backends = {
  cuda: { isBuilt: (): boolean => false },
  cudnn: { isAvailable: (): boolean => false, enabled: false, deterministic: true, benchmark: false },
  mps: { isAvailable: (): boolean => false, isBuilt: (): boolean => false },
} as const;
