"""Images to train on: digits (in scikit-learn's wheel), MNIST and CIFAR-10 (files, checked)."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from adam_and_beyond.images import data_files
from adam_and_beyond.images.data_files import DataError

VARIABLE = "ADAM_AND_BEYOND_DATA"  # the environment variable that names the folder of data


class Dataset(NamedTuple):
    """Labelled images, split: uint8 images ``(n, h, w)`` or ``(n, h, w, 3)``, uint8 labels."""

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    brightest: int  # the largest value a pixel can have
    checksums: Mapping[str, str]  # what was read -> sha256 of its content

    @property
    def classes(self) -> int:
        """How many there are: one more than the largest label."""
        return 1 + int(max(self.train_labels.max(), self.test_labels.max()))


@dataclasses.dataclass(frozen=True)
class Source:
    """Where a data set comes from and what its files must contain."""

    parts: Mapping[str, str]  # file -> sha256 of its content, uncompressed
    folders: tuple[str, ...]  # usual places below the folder of data
    downloads: Mapping[str, str]  # what is downloaded -> sha256 of that
    addresses: tuple[str, ...]  # folders of the download, in order of preference
    archive: str = ""  # the download that holds the parts, if it is one
    inside: str = ""  # the parts' folder in the archive
    namesakes: str = ""  # for messages: what else has files of these names


MNIST = Source(
    parts=MappingProxyType(
        {
            "train-images-idx3-ubyte": (
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
            ),
            "train-labels-idx1-ubyte": (
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
            ),
            "t10k-images-idx3-ubyte": (
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
            ),
            "t10k-labels-idx1-ubyte": (
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
            ),
        }
    ),
    folders=(".", "mnist", "MNIST", "MNIST/raw", "raw"),
    downloads=MappingProxyType(
        {
            "train-images-idx3-ubyte.gz": (
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
            ),
            "train-labels-idx1-ubyte.gz": (
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
            ),
            "t10k-images-idx3-ubyte.gz": (
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
            ),
            "t10k-labels-idx1-ubyte.gz": (
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
            ),
        }
    ),
    addresses=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    namesakes=" (FashionMNIST's and KMNIST's files have the same names)",
)

CIFAR10 = Source(
    parts=MappingProxyType(
        {
            "data_batch_1": "54636561a3ce25bd3e19253c6b0d8538147b0ae398331ac4a2d86c6d987368cd",
            "data_batch_2": "766b2cef9fbc745cf056b3152224f7cf77163b330ea9a15f9392beb8b89bc5a8",
            "data_batch_3": "0f00d98ebfb30b3ec0ad19f9756dc2630b89003e10525f5e148445e82aa6a1f9",
            "data_batch_4": "3f7bb240661948b8f4d53e36ec720d8306f5668bd0071dcb4e6c947f78e9682b",
            "data_batch_5": "d91802434d8376bbaeeadf58a737e3a1b12ac839077e931237e0dcd43adcb154",
            "test_batch": "f53d8d457504f7cff4ea9e021afcf0e0ad8e24a91f3fc42091b8adef61157831",
        }
    ),
    folders=(
        "cifar-10-batches-py",
        "cifar10/cifar-10-batches-py",
        "CIFAR10/cifar-10-batches-py",
        ".",
        "cifar10",
        "CIFAR10",
    ),
    downloads=MappingProxyType(
        {
            "cifar-10-python.tar.gz": (
                "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
            )
        }
    ),
    addresses=("https://www.cs.toronto.edu/~kriz/",),
    archive="cifar-10-python.tar.gz",
    inside="cifar-10-batches-py",
)

SOURCES: Mapping[str, Source] = MappingProxyType({"mnist": MNIST, "cifar10": CIFAR10})

# What one image of each data set looks like.
SHAPES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"digits": (8, 8), "mnist": (28, 28), "cifar10": (32, 32, 3)}
)


def folder_of_data(root: str | os.PathLike | None = None) -> Path:
    """The folder in which data sets are looked for, and into which they are downloaded.

    Args:
      root: the folder, if it is given.

    Returns:
      ``root``; without it the folder that the environment variable ``ADAM_AND_BEYOND_DATA`` names;
      without that a folder of the user's cache. ``~`` is the user's home.
    """
    import pooch  # slow to import, and digits need nothing of it

    given = root if root is not None else os.environ.get(VARIABLE)
    return Path(given).expanduser() if given else Path(pooch.os_cache("adam-and-beyond"))


def load(name: str, root: str | os.PathLike | None = None) -> Dataset:
    """A data set, from the wheel or from files whose content is checked.

    ``digits``: 8 x 8 pixels of 0 to 16; every seventh image is for the test: 1541 and 256.
    ``mnist``: 28 x 28 of 0 to 255; 60000 (5421 to 6742 a class) and 10000. ``cifar10``: 32 x 32 x 3
    of 0 to 255; 50000 (5000 a class) and 10000 (1000 a class). Ten classes each.

    Args:
      name: ``"digits"``, ``"mnist"`` or ``"cifar10"``.
      root: the folder of data; without, that of :func:`folder_of_data`. MNIST's four files are
        looked for in it, in ``mnist`` and in ``MNIST/raw``, compressed or not; CIFAR-10 as the
        extracted folder ``cifar-10-batches-py`` or as the official archive, in it or in
        ``cifar10``. The checksum decides: a bad file hides no good one in another of these places.

    Returns:
      A ``Dataset`` of uint8 arrays.

    Raises:
      ValueError: for an unknown name, and for a file that is missing, cut short, altered, of a
        wrong shape, or that asks to run something; the message names it and says what to do.

    References:
      LeCun et al. (1998); Krizhevsky (2009). Introduced in the chapter "Softmax regression on
      MNIST".
    """
    if name not in _LOADERS:
        raise ValueError(f"unknown data set {name!r}; there are: {', '.join(_LOADERS)}")
    return _LOADERS[name](root)


def of_arrays(
    name: str,
    train_images: np.ndarray,
    train_labels: np.ndarray,
    test_images: np.ndarray,
    test_labels: np.ndarray,
) -> Dataset:
    """A data set of your own, as experiments take it.

    Args:
      name: what it is called; its runs are stored under that, and under what it contains.
      train_images: shape ``(n, height, width)`` or ``(n, height, width, channels)``, uint8 or
        float32.
      train_labels: classes 0, 1, ..., at most 255 of them, shape ``(n,)``, integers.
      test_images: as ``train_images``, any number of them.
      test_labels: their classes.

    Returns:
      A ``Dataset``, its brightest pixel the largest value in the training images.

    Raises:
      ValueError: for arrays of other shapes or kinds.

    References:
      Introduced in the chapter "One hidden layer on MNIST".
    """
    arrays = []
    for images, labels in ((train_images, train_labels), (test_images, test_labels)):
        images, labels = np.asarray(images), np.asarray(labels)
        if images.dtype not in (np.uint8, np.float32) or images.ndim not in (3, 4):
            raise ValueError(
                "images must be uint8 or float32 of shape (n, height, width) or (n, height, width, "
                f"channels), got {images.dtype} of shape {images.shape}"
            )
        whole = np.issubdtype(labels.dtype, np.integer)
        if not whole or labels.shape != images.shape[:1] or not labels.size:
            raise ValueError(
                f"labels must be integers of shape ({len(images)},), one an image and at least "
                f"one, got {labels.dtype} of shape {labels.shape}"
            )
        if labels.min() < 0 or labels.max() > 254:
            raise ValueError(f"labels must be 0 to 254, got {labels.min()} to {labels.max()}")
        arrays += [images, labels.astype(np.uint8)]
    if arrays[0].shape[1:] != arrays[2].shape[1:] or arrays[0].dtype != arrays[2].dtype:
        raise ValueError(
            f"test images must be like the training images, {arrays[0].dtype} of shape "
            f"(n, {', '.join(map(str, arrays[0].shape[1:]))}), got {arrays[2].dtype} of shape "
            f"{arrays[2].shape}"
        )
    content = data_files.checksum(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays))
    return Dataset(name, *arrays, arrays[0].max(), {name: content})


def present(name: str, root: str | os.PathLike | None = None) -> bool:
    """Whether a data set's files are there (whatever they contain).

    Args:
      name: ``"digits"``, ``"mnist"`` or ``"cifar10"``.
      root: as for :func:`load`.

    Returns:
      True if :func:`load` would find a file for each part.

    Raises:
      ValueError: for an unknown name.

    References:
      Introduced in the chapter "Softmax regression on MNIST".
    """
    if name not in _LOADERS:
        raise ValueError(f"unknown data set {name!r}; there are: {', '.join(_LOADERS)}")
    if name == "digits":
        return True
    return all(data_files.find(folder_of_data(root), SOURCES[name]).values())


def fetch(
    name: str,
    root: str | os.PathLike | None = None,
    progress: bool = True,
    attempts: int = 3,
) -> Path:
    """Download a data set from its official address, and check it.

    A data set that :func:`load` finds there is kept, wherever in the folder it lies. A file that
    arrives altered is thrown away; it gets its final name only when its checksum is right.

    Args:
      name: ``"mnist"`` or ``"cifar10"``.
      root: the folder of data; without, that of :func:`folder_of_data`.
      progress: whether to show a bar.
      attempts: how often to try all addresses, at least 1.

    Returns:
      The folder in which it is: ``mnist`` or ``cifar10`` below ``root``, if it was downloaded.

    Raises:
      ValueError: for a data set that is not downloaded, a folder that cannot be written, or if no
        address gave the right files.
    """
    if name not in SOURCES:
        raise ValueError(f"{name!r} can't be fetched; there are: {', '.join(SOURCES)}")
    source, folder = SOURCES[name], folder_of_data(root) / name
    if (there := data_files.whole(name, folder_of_data(root), source)) is not None:
        return there
    data_files.check_writable(folder)
    for download, sha256 in source.downloads.items():
        addresses = [address + download for address in source.addresses]
        data_files.download(addresses * attempts, folder / download, sha256, progress)
    return folder


def _digits(root: str | os.PathLike | None) -> Dataset:
    from sklearn.datasets import load_digits

    found = load_digits()
    images = found.images.astype(np.uint8)
    labels = found.target.astype(np.uint8)
    # The classes come in turn, ten of them; 7 shares no factor with 10.
    test = np.arange(len(labels)) % 7 == 6
    content = data_files.checksum(images.tobytes() + labels.tobytes())
    return Dataset(
        "digits", images[~test], labels[~test], images[test], labels[test], 16, {"digits": content}
    )


def _mnist(root: str | os.PathLike | None) -> Dataset:
    source = SOURCES["mnist"]
    arrays = {
        part: data_files.idx(content, part)
        for part, content in data_files.contents("mnist", folder_of_data(root), source).items()
    }
    splits = []
    for split in ("train", "t10k"):
        images, labels = arrays[f"{split}-images-idx3-ubyte"], arrays[f"{split}-labels-idx1-ubyte"]
        splits += _checked("mnist", images, labels)
    return Dataset("mnist", *splits, 255, dict(source.parts))


def _cifar10(root: str | os.PathLike | None) -> Dataset:
    source = SOURCES["cifar10"]
    batches = {
        part: data_files.cifar_batch(content, part)
        for part, content in data_files.contents("cifar10", folder_of_data(root), source).items()
    }
    splits = []
    for split in ("data", "test"):
        some = [batch for part, batch in batches.items() if part.startswith(split)]
        images = np.concatenate([images for images, _ in some])
        labels = np.concatenate([labels for _, labels in some])
        splits += _checked("cifar10", images, labels)
    return Dataset("cifar10", *splits, 255, dict(source.parts))


def _checked(name: str, images: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    shape = SHAPES[name]
    if images.shape != (len(labels), *shape) or labels.ndim != 1:
        raise DataError(
            f"{name}: images have shape {images.shape} and labels {labels.shape}; expected "
            f"(n, {', '.join(map(str, shape))}) and (n,)"
        )
    if labels.size == 0 or labels.max() > 9:
        raise DataError(f"{name}: labels must be classes 0 to 9, and there must be some")
    return [images, labels]


_LOADERS: Mapping[str, Callable[..., Dataset]] = MappingProxyType(
    {"digits": _digits, "mnist": _mnist, "cifar10": _cifar10}
)
