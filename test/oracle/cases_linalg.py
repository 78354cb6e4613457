"""Matrices as wholes: inverses, determinants, factors; and the special functions that distributions are made of."""

import torch

from declare import ByDtype, Family
from specs import literal, normal, positive, unit

family = Family("linalg")
case = family.case


def within(float32, float64):
    return ByDtype(
        float32={"relative": float32, "absolute": float32}, float64={"relative": float64, "absolute": float64}
    )


LOOSE = within(2e-4, 1e-8)

WELL = "const a = x.matmul(x.mT).add(eye(3, { dtype: x.dtype }).mul(2)); "


def well(x):
    return x @ x.mT + 2 * torch.eye(3, dtype=x.dtype)


for op, code, function in [
    ("inv", "linalg.inv(a)", torch.linalg.inv),
    ("det", "linalg.det(a)", torch.linalg.det),
    ("slogdet", "linalg.slogdet(a).logabsdet", lambda a: torch.linalg.slogdet(a).logabsdet),
    ("slogdet", "linalg.slogdet(a.neg()).sign", lambda a: torch.linalg.slogdet(-a).sign),
    ("cholesky", "linalg.cholesky(a)", torch.linalg.cholesky),
    ("cholesky", "linalg.cholesky(a, { upper: true })", lambda a: torch.linalg.cholesky(a, upper=True)),
    ("eigvalsh", "linalg.eigvalsh(a)", torch.linalg.eigvalsh),
    ("eigh", "linalg.eigh(a).eigenvectors.square()", lambda a: torch.linalg.eigh(a).eigenvectors ** 2),
    ("matrixExp", "linalg.matrixExp(a.mul(0.1))", lambda a: torch.linalg.matrix_exp(a * 0.1)),
    ("matrixPower", "linalg.matrixPower(a, 3)", lambda a: torch.linalg.matrix_power(a, 3)),
    ("logdet", "a.logdet()", torch.logdet),
    ("inverse", "a.inverse()", torch.inverse),
]:
    for shape in [(3, 3), (2, 3, 3)]:
        second = op not in ("matrixPower", "cond", "eigh")
        case(op, f"{WELL}return {code};", lambda x, f=function: f(well(x)), tolerance=LOOSE, second=second, x=normal(*shape))
case("solve", f"{WELL}return linalg.solve(a, y);", lambda x, y: torch.linalg.solve(well(x), y), tolerance=LOOSE, x=normal(3, 3), y=normal(3, 2))
case("solve", f"{WELL}return linalg.solve(a, y);", lambda x, y: torch.linalg.solve(well(x), y), tolerance=LOOSE, x=normal(3, 3), y=normal(3))
case(
    "solveTriangular",
    f"{WELL}return linalg.solveTriangular(a, y, {{ upper: true }});",
    lambda x, y: torch.linalg.solve_triangular(well(x), y, upper=True),
    tolerance=LOOSE,
    x=normal(3, 3),
    y=normal(3, 2),
)
for op, code, function in [
    ("svdvals", "linalg.svdvals(x)", torch.linalg.svdvals),
    ("svd", "const { U, S, Vh } = linalg.svd(x, { fullMatrices: false }); return U.mul(S.unsqueeze(-2)).matmul(Vh);", lambda x: x * 1),
    ("qr", "linalg.qr(x).Q", lambda x: torch.linalg.qr(x).Q),
    ("qr", "linalg.qr(x).R", lambda x: torch.linalg.qr(x).R),
    ("pinv", "linalg.pinv(x)", torch.linalg.pinv),
    ("matrixNorm", "linalg.matrixNorm(x)", torch.linalg.matrix_norm),
    ("matrixNorm", "linalg.matrixNorm(x, 'nuc')", lambda x: torch.linalg.matrix_norm(x, "nuc")),
    ("matrixNorm", "linalg.matrixNorm(x, 2)", lambda x: torch.linalg.matrix_norm(x, 2)),
    ("matrixNorm", "linalg.matrixNorm(x, Infinity)", lambda x: torch.linalg.matrix_norm(x, float("inf"))),
    ("vectorNorm", "linalg.vectorNorm(x, 3)", lambda x: torch.linalg.vector_norm(x, 3)),
    ("norm", "linalg.norm(x)", torch.linalg.norm),
    ("norm", "linalg.norm(x, 1, { dim: 0 })", lambda x: torch.linalg.norm(x, 1, dim=0)),
    ("vecdot", "linalg.vecdot(x, x.exp())", lambda x: torch.linalg.vecdot(x, x.exp())),
    ("multiDot", "linalg.multiDot([x, x.mT, x])", lambda x: torch.linalg.multi_dot([x, x.mT, x])),
    ("vander", "linalg.vander(x)", torch.linalg.vander),
    ("diagonal", "linalg.diagonal(x)", torch.linalg.diagonal),
]:
    second = op not in ("svd", "svdvals", "matrixNorm")
    case(op, code, lambda x, f=function: f(x), tolerance=LOOSE, second=second, x=normal(4, 3))
case("matrixRank", "linalg.matrixRank(x)", torch.linalg.matrix_rank, x=literal([[1.0, 2.0], [2.0, 4.0]]).constant())
case("lstsq", "linalg.lstsq(x, y).solution", lambda x, y: torch.linalg.lstsq(x, y).solution, tolerance=LOOSE, second=False, x=normal(4, 2), y=normal(4, 1))

for op, code, function, domain in [
    ("lgamma", "x.lgamma()", torch.lgamma, positive),
    ("lgamma", "x.sub(2.3).lgamma()", lambda x: (x - 2.3).lgamma(), unit),
    ("digamma", "x.digamma()", torch.digamma, positive),
    ("digamma", "x.sub(1.5).digamma()", lambda x: (x - 1.5).digamma(), unit),
    ("polygamma", "x.polygamma(1)", lambda x: torch.polygamma(1, x), positive),
    ("polygamma", "x.polygamma(2)", lambda x: torch.polygamma(2, x), positive),
    ("mvlgamma", "x.add(2).mvlgamma(2)", lambda x: torch.mvlgamma(x + 2, 2), positive),
    ("erfinv", "x.erfinv()", torch.erfinv, unit),
    ("i0", "x.i0()", torch.i0, positive),
]:
    case(op, code, lambda x, f=function: f(x), tolerance=within(1e-4, 1e-9), x=domain(5))

family.refuses("inverse", "shape", "linalg.inv(x)", torch.linalg.inv, mentions=("[2,3]",), x=normal(2, 3))
family.refuses("inverse", "value", "linalg.inv(zeros(2, 2))", lambda: torch.linalg.inv(torch.zeros(2, 2)), mentions=("singular",))
family.refuses("cholesky", "value", "linalg.cholesky(eye(2).neg())", lambda: torch.linalg.cholesky(-torch.eye(2)), mentions=("positive",))
case("tensorinv", "linalg.tensorinv(x.add(eye(6).mul(4).reshape(2, 3, 6)))", lambda x: torch.linalg.tensorinv(x + torch.eye(6, dtype=x.dtype).mul(4).reshape(2, 3, 6)), tolerance=LOOSE, second=False, x=normal(2, 3, 6))
case("tensorsolve", "linalg.tensorsolve(x.add(eye(6).mul(4).reshape(2, 3, 6)), y)", lambda x, y: torch.linalg.tensorsolve(x + torch.eye(6, dtype=x.dtype).mul(4).reshape(2, 3, 6), y), tolerance=LOOSE, second=False, x=normal(2, 3, 6), y=normal(2, 3))
