"""Makes tests/data/hdf5 with h5py: what the reader must understand, and what it must refuse by name."""

import pathlib

import h5py
import numpy as np

OUT = pathlib.Path(__file__).parent.parent / "data" / "hdf5"


def contents(file):
    """The tree that hdf5_test.cpp expects, whatever the format's version."""
    file.attrs["text"] = "déjà vu"
    file.attrs["fixed"] = np.bytes_("fixed")
    file.attrs["number"] = 3.5
    file.attrs["names"] = ["a", "", "long name"]
    file.attrs["empty"] = np.zeros(0)
    group = file.create_group("layers/dense/vars")
    group.attrs["name"] = "dense"
    group["0"] = np.arange(6, dtype="float32").reshape(2, 3) / 4
    group["1"] = np.array([1, -2], dtype="float64")
    types = file.create_group("types")
    types["scalar"] = np.int32(-7)
    types["int64"] = np.array([-5, 1 << 40], dtype="int64")
    types["uint8"] = np.array([0, 200], dtype="uint8")
    types["uint32"] = np.array([4000000000], dtype="uint32")
    types["bool"] = np.array([True, False, True])
    types["big_endian"] = np.array([1.5, -2.5], dtype=">f4")
    types["nothing"] = np.zeros((0, 3), dtype="float32")
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((2,))
    data = h5py.h5d.create(types.id, b"compact", h5py.h5t.NATIVE_FLOAT, space, compact)
    data.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([8, 9], dtype="float32"))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, libver in [("classic", "earliest"), ("latest", "latest")]:
        with h5py.File(OUT / f"{name}.h5", "w", libver=libver) as file:
            contents(file)
    with h5py.File(OUT / "many.h5", "w") as file:  # more members than one node of the B-tree holds
        file["g0"] = np.float32(4)
        for i in range(1, 300):
            file[f"g{i}"] = file["g0"]
    with h5py.File(OUT / "compressed.h5", "w") as file:
        file.create_dataset("x", data=np.zeros(100, "float32"), compression="gzip")
    with h5py.File(OUT / "chunked.h5", "w") as file:
        file.create_dataset("x", data=np.zeros(100, "float32"), chunks=(10,))
    with h5py.File(OUT / "soft_link.h5", "w") as file:
        file["x"] = np.float32(1)
        file["y"] = h5py.SoftLink("/x")
    with h5py.File(OUT / "external.h5", "w") as file:
        file["y"] = h5py.ExternalLink("/etc/passwd", "/x")
    with h5py.File(OUT / "external_data.h5", "w") as file:
        file.create_dataset("x", (4,), "float32", external=[("/etc/passwd", 0, 16)])
    with h5py.File(OUT / "bomb.h5", "w") as file:  # 4 TB claimed, none stored
        file.create_dataset("x", (1 << 40,), "float32")
    with h5py.File(OUT / "loop.h5", "w") as file:
        file.create_group("a")["a"] = file
    with h5py.File(OUT / "compound.h5", "w") as file:
        file["x"] = np.zeros(2, dtype=[("a", "f4"), ("b", "i4")])


if __name__ == "__main__":
    main()
