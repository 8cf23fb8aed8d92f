"""Linear algebra of keras.ops. Keras loses what norm takes over one axis (it becomes a list that JAX does not take), has no
vectors on the right side of solve in a batch, and no cholesky_inverse and lstsq of batches: these are of single matrices.

x, y, p, ...: as in ops.py.
"""

import numpy as np
from keras import ops

from .case import normal
from .ops import plain, trained


def far_from_singular(rows, columns, least=2.0):
    return (least * np.eye(rows, columns) * (1 + np.arange(columns))).astype("float32")


def square(x):  # [batch, 4, 4]
    return x[..., :4] + far_from_singular(4, 4)


def tall(x):  # [batch, 4, 2]
    return x[..., :2] + far_from_singular(4, 2)


def wide(x):  # [batch, 4, 6]
    return x + far_from_singular(4, 6)


def symmetric(x):
    return square(x) + ops.swapaxes(square(x), -1, -2)


ORDERS = (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)

SMOOTH = {
    "solving": lambda x, y, p: [
        ops.inv(square(x)), ops.solve(square(x), y), ops.solve(square(x), square(y)), ops.solve_triangular(square(x), y),
        ops.solve_triangular(square(x), y, lower=True), ops.solve_triangular(square(x), y[..., 0], lower=True),
        ops.solve(square(x[0]), y[0]) + x, ops.solve(square(x[0]), y[0, :, 0]) * x[:, :, :4],
        x @ ops.lstsq(x[0], y[0]), y @ ops.lstsq(x[0], y[0, :, 1], rcond=0.01)[:, None],
        y @ ops.transpose(ops.lstsq(tall(x[0]), y[0])),
        ops.pinv(tall(x)), ops.pinv(wide(x)), ops.pinv(wide(x), rcond=0.3), ops.cholesky(symmetric(x)),
        ops.cholesky(symmetric(x), upper=True), ops.cholesky(square(x)), x[..., :4] @ ops.cholesky_inverse(square(x[0])),
        x[..., :4] @ ops.cholesky_inverse(square(x[0]), upper=True)],
    "determinants": lambda x, y, p: [
        a[:, None] for a in [
            ops.det(square(x)), ops.det(square(x)[:, :3, :3]), ops.det(square(x)[:, :2, :2]), ops.det(x[:, :, :4]),
            ops.slogdet(square(-x))[1], ops.logdet(square(x)), ops.slogdet(x[:, :, 1:5])[1]]],
    "factors": lambda x, y, p: [
        *ops.qr(square(x)), *ops.qr(tall(x)), *ops.qr(wide(x)), *ops.qr(tall(x), mode="complete"), *ops.eigh(symmetric(x)),
        ops.eigh(symmetric(y))[0], *ops.svd(square(x)), *ops.svd(tall(x), full_matrices=False), *ops.svd(wide(x), full_matrices=False),
        ops.svd(wide(y), compute_uv=False), ops.lu_factor(square(x))[0], ops.lu_factor(tall(x))[0], ops.lu_factor(wide(x))[0]],
    "norms": lambda x, y, p: [
        *[a[:, None] for a in [ops.norm(square(x), ord=order, axis=(1, 2)) for order in ORDERS]],
        *[ops.norm(wide(x), ord=order, axis=(2, 1), keepdims=True) for order in ORDERS],
        *[y * ops.norm(x[0, 0], ord=order) for order in (None, 0, 1, -1, 2, 3, 0.5, -2, np.inf, -np.inf)], y * ops.norm(x[0], ord=2),
        y * ops.norm(x[0], keepdims=True), ops.norm(x) * y],
    "vectors": lambda x, y, p: [
        ops.cdist(x, y), ops.cdist(x[:, :2], y), ops.cdist(x, np.ones((3, 6), "float32")), y * ops.sum(ops.corrcoef(square(x[0])) * normal((4, 4), 1)),
        x[:, :, :4] * ops.correlate(x[0, 0], y[0, 1, :3]), x * ops.correlate(x[0, 0], y[0, 1, :3], mode="same"),
        x[:, :1, 1:] * ops.correlate(x[0, 0, :2], y[0, 1, :4], mode="full"), x[:, :, 3:] * ops.correlate(x[0, 0, :2], y[0, 1, :4]),
        x[:, :, 2:] * ops.correlate(x[0, 0, :2], y[0, 1, :4], mode="same"), ops.angle(x) * y],
}

PLAIN = {
    "integers": lambda x, n, i, j, k, b, c: [
        ops.det(i[..., :4] + 9 * np.eye(4, dtype="int32")), ops.inv(i[..., :4] + 9 * np.eye(4, dtype="int32")),
        *ops.qr(i), *ops.slogdet(j[..., :4]), ops.matrix_rank(x), ops.matrix_rank(i), ops.matrix_rank(x * 0), ops.matrix_rank(x, tol=2.0),
        ops.matrix_rank(b), *ops.lu_factor(x), *ops.lu_factor(j[..., :4]), *ops.svd(x), ops.svd(i, compute_uv=False), ops.cdist(i, j),
        ops.cdist(i, x), ops.norm(i, ord="fro", axis=(1, 2)), ops.norm(b, axis=(1, 2)), ops.solve(j[..., :4], i), ops.pinv(i),
        ops.angle(x), ops.angle(i), ops.angle(b), ops.imag(x), ops.imag(i), ops.view_as_real(x), ops.cholesky(x[..., :4])],
    "singular": lambda x, n, i, j, k, b, c: [
        ops.det(x[..., :4] * 0), ops.det(x[:, :2, :1] * x[:, :1, :2]), *ops.slogdet(x[..., :4] * 0), ops.inv(x[..., :4] * 0),
        ops.pinv(x * 0), ops.svd(n, compute_uv=False), ops.lu_factor(x[..., :4] * 0)[0]],
}


def cases():
    for seed, (name, make) in enumerate(SMOOTH.items()):
        yield name, *trained(make, seed)
    for seed, (name, make) in enumerate(PLAIN.items()):
        yield name, *plain(make, seed)
