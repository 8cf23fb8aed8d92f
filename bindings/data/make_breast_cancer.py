#!/usr/bin/env python3
"""Writes breast_cancer.csv from scikit-learn's copy of the data set: python3 make_breast_cancer.py"""

import csv
import pathlib

from sklearn.datasets import load_breast_cancer

COLUMNS = 8  # the first eight: means over the nuclei of an image


def main():
    data = load_breast_cancer()
    path = pathlib.Path(__file__).with_name("breast_cancer.csv")
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        names = [name.replace(" ", "_") for name in data.feature_names[:COLUMNS]]
        writer.writerow(names + ["benign"])
        for row, target in zip(data.data, data.target):
            writer.writerow([repr(float(value)) for value in row[:COLUMNS]] + [int(target)])


if __name__ == "__main__":
    main()
