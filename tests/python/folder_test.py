"""Pictures and texts in folders, read and trained on."""

import pathlib
import struct
import tempfile
import unittest
import zlib

from support import keras, np


def png(array):
    """[height, width, 3] of uint8 as a file."""
    height, width, _ = array.shape
    rows = b"".join(b"\0" + row.tobytes() for row in array)

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


class Folders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        random = np.random.RandomState(0)
        for label, name in enumerate(("dark", "light")):
            (self.folder / name).mkdir()
            for i in range(12):
                pixels = random.randint(0, 100, (6, 5, 3)) + 150 * label
                (self.folder / name / f"{i:02}.png").write_bytes(png(pixels.astype("uint8")))
                (self.folder / name / f"{i:02}.txt").write_text(f"{name} {i}")

    def test_a_picture(self):
        array = np.arange(2 * 3 * 3, dtype="uint8").reshape(2, 3, 3)
        (self.folder / "one.png").write_bytes(png(array))
        np.testing.assert_array_equal(keras.utils.load_image(self.folder / "one.png"), array)

    def test_trains(self):
        options = dict(image_size=(6, 5), batch_size=5, seed=1, validation_split=0.25)
        training, validation = (
            keras.utils.image_dataset_from_directory(self.folder, subset=subset, **options)
            for subset in ("training", "validation"))
        self.assertEqual(training.class_names, ["dark", "light"])
        self.assertEqual((len(training), training.file_count, len(validation)), (4, 18, 2))
        model = keras.Sequential([
            keras.Input((6, 5, 3)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(),
            keras.layers.Dense(1, activation="sigmoid")])
        model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
        history = model.fit(training, epochs=60, validation_data=validation, verbose=0)
        self.assertGreater(history.history["val_accuracy"][-1], 0.9)
        self.assertEqual(model.predict(validation, verbose=0).shape, (6, 1))

    def test_texts(self):
        texts = keras.utils.text_dataset_from_directory(self.folder, shuffle=False, batch_size=24)
        (x, y), = texts
        self.assertEqual([x[0], x[23]], ["dark 0", "light 11"])
        np.testing.assert_array_equal(y, np.repeat([0, 1], 12))

    def test_errors(self):
        with self.assertRaisesRegex(Exception, "label_mode"):
            keras.utils.image_dataset_from_directory(self.folder, label_mode="roman")
        (self.folder / "dark" / "x.png").write_text("no picture")
        with self.assertRaisesRegex(Exception, "x.png"):
            list(keras.utils.image_dataset_from_directory(self.folder))


if __name__ == "__main__":
    unittest.main()
