"""Fourier transforms of keras.ops, of even, odd and prime lengths. Keras saves no windows that are arrays.

x, y, p, ...: as in ops.py.
"""

from keras import ops

from .ops import plain, trained


def long(x):  # [batch, 24]
    return ops.reshape(x, (-1, 24))


SMOOTH = {
    "transforms": lambda x, y, p: [
        *ops.fft((x, y)), *ops.fft((long(x)[:, :17], long(y)[:, :17])), *ops.fft((long(x), long(y))), *ops.fft2((x, y)),
        *ops.ifft2((x, y)), *ops.ifft2((x[:, :3, :5], y[:, :3, :5])), *ops.rfft(x), *ops.rfft(x[..., :5]), *ops.rfft(x, 10), *ops.rfft(x, 3),
        *ops.rfft(long(x), 23), ops.irfft((x, y)), ops.irfft((x, y), 10), ops.irfft((x, y), 7), ops.irfft((x, y), 4), ops.irfft((x, y), 16),
        ops.irfft(ops.rfft(x[..., :5]), 5), ops.extract_sequences(long(x), 7, 3), ops.extract_sequences(x, 2, 4)],
    "short_time": lambda x, y, p: [
        *ops.stft(long(x), 8, 4, 8), *ops.stft(long(x), 6, 3, 8, window="hamming"), *ops.stft(long(x), 5, 2, 7, window=None),
        *ops.stft(long(x), 8, 10, 8, center=False), *ops.stft(x, 4, 1, 4), ops.istft((x, y), 10, 3, 10),
        ops.istft(ops.stft(long(x), 8, 4, 8), 8, 4, 8), ops.istft(ops.stft(long(x), 7, 3, 9, window="hamming"), 7, 3, 9, window="hamming"),
        ops.istft((x, y), 8, 5, 10, length=14), ops.istft((x, y), 10, 5, 10, window=None, center=False), ops.istft((x, y), 9, 4, 11, center=False)],
}

PLAIN = {
    "integers": lambda x, n, i, j, k, b, c: [
        *ops.rfft(i), *ops.rfft(b, 4), ops.extract_sequences(i, 3, 1), *ops.fft((n, x))],
}


def cases():
    for seed, (name, make) in enumerate(SMOOTH.items()):
        yield name, *trained(make, seed)
    for seed, (name, make) in enumerate(PLAIN.items()):
        yield name, *plain(make, seed)
