/**
 * Defines every op record and adds every family's methods to Tensor, and nothing else: threads that replay tapes load
 * this, and start a runtime of their own.
 */
import "./tensor/methods/elementwise.ts";
import "./tensor/methods/autograd.ts";
