"""Data sets are found in every usual layout, and anything else is refused with a sentence."""

import dataclasses
import functools
import gzip
import http.server
import io
import os
import pickle
import struct
import tarfile
import threading

import genuine
import numpy as np
import pytest

from adam_and_beyond.images import data_files, datasets

RNG = np.random.default_rng(0)
COUNTS = {"train": 30, "t10k": 20}
IMAGES = {s: RNG.integers(0, 256, (n, 28, 28), np.uint8) for s, n in COUNTS.items()}
LABELS = {s: (np.arange(n) % 10).astype(np.uint8) for s, n in COUNTS.items()}


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


MNIST = {f"{s}-images-idx3-ubyte": idx(IMAGES[s]) for s in COUNTS}
MNIST |= {f"{s}-labels-idx1-ubyte": idx(LABELS[s]) for s in COUNTS}


def batch(seed, count=10, width=3072):
    data = np.random.default_rng(seed).integers(0, 256, (count, width), np.uint8)
    return pickle.dumps({"data": data, "labels": list(range(10))[:count]}, protocol=3)


PARTS = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
CIFAR10 = {part: batch(k) for k, part in enumerate(PARTS)}


@pytest.fixture(autouse=True)
def small_sources(monkeypatch):
    """The official sources, with the checksums of the files made here."""

    def checked(source, parts):
        sums = {part: data_files.checksum(content) for part, content in parts.items()}
        return dataclasses.replace(source, parts=sums)

    small = {
        "mnist": checked(datasets.MNIST, MNIST),
        "cifar10": checked(datasets.CIFAR10, CIFAR10),
    }
    monkeypatch.setattr(datasets, "SOURCES", small)
    monkeypatch.delenv(datasets.VARIABLE, raising=False)


def put(folder, parts, suffix="", change=lambda content: content):
    folder.mkdir(parents=True, exist_ok=True)
    for part, content in parts.items():
        (folder / f"{part}{suffix}").write_bytes(change(content))


def archive(path, parts, inside="cifar-10-batches-py"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for part, content in parts.items():
            member = tarfile.TarInfo(f"{inside}/{part}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


# --- what is loaded ---
def test_digits_need_no_file_and_are_split_without_overlap():
    data = datasets.load("digits", "/nowhere")
    assert data.train_images.shape == (1541, 8, 8) and data.test_images.shape == (256, 8, 8)
    assert data.train_images.dtype == data.train_labels.dtype == np.uint8
    assert data.train_images.max() == data.brightest == 16
    for labels in (data.train_labels, data.test_labels):
        assert np.bincount(labels).min() > 0.07 * len(labels)  # ten classes, all of them there


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("place", [".", "mnist", "MNIST/raw"])
def test_mnist_is_found_in_the_usual_places(tmp_path, place, suffix):
    put(tmp_path / place, MNIST, suffix, gzip.compress if suffix else lambda content: content)
    data = datasets.load("mnist", tmp_path)
    assert np.array_equal(data.train_images, IMAGES["train"])
    assert np.array_equal(data.test_labels, LABELS["t10k"])
    assert data.checksums == datasets.SOURCES["mnist"].parts


def test_mnist_is_found_under_names_with_a_full_stop(tmp_path):
    put(tmp_path, {part.replace("-idx", ".idx"): content for part, content in MNIST.items()})
    assert np.array_equal(datasets.load("mnist", tmp_path).test_images, IMAGES["t10k"])


@pytest.mark.parametrize("place", ["cifar-10-batches-py", "cifar10/cifar-10-batches-py", "."])
def test_cifar10_is_found_extracted_and_its_planes_become_channels(tmp_path, place):
    put(tmp_path / place, CIFAR10)
    data = datasets.load("cifar10", tmp_path)
    assert data.train_images.shape == (50, 32, 32, 3) and data.test_images.shape == (10, 32, 32, 3)
    rows = pickle.loads(CIFAR10["data_batch_2"])["data"]
    for channel, i, j in ((0, 0, 0), (1, 3, 7), (2, 31, 30)):
        expected = rows[:, 1024 * channel + 32 * i + j]
        assert np.array_equal(data.train_images[10:20, i, j, channel], expected)


@pytest.mark.parametrize("place", [".", "cifar10"])
def test_the_official_archive_is_read_without_being_extracted(tmp_path, place):
    archive(tmp_path / place / "cifar-10-python.tar.gz", CIFAR10)
    before = sorted(tmp_path.rglob("*"))
    found = datasets.load("cifar10", tmp_path)
    put(tmp_path / "extracted", CIFAR10)
    assert np.array_equal(
        found.train_images, datasets.load("cifar10", tmp_path / "extracted").train_images
    )
    assert before == sorted(p for p in tmp_path.rglob("*") if "extracted" not in p.parts)


def test_the_folder_is_the_argument_then_the_variable_then_the_cache(tmp_path, monkeypatch):
    assert datasets.folder_of_data().name == "adam-and-beyond"
    monkeypatch.setenv(datasets.VARIABLE, str(tmp_path / "by-variable"))
    assert datasets.folder_of_data() == tmp_path / "by-variable"
    assert datasets.folder_of_data(tmp_path) == tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    assert datasets.folder_of_data("~/data") == tmp_path / "data"
    monkeypatch.setenv(datasets.VARIABLE, "~/by-variable")
    assert datasets.folder_of_data() == tmp_path / "by-variable"
    put(tmp_path / "by-variable", MNIST)
    assert datasets.present("mnist") and not datasets.present("cifar10")
    assert len(datasets.load("mnist").train_labels) == COUNTS["train"]


# --- what is refused ---
def refuses(name, folder, *words):
    with pytest.raises(ValueError) as caught:
        datasets.load(name, folder)
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_a_missing_data_set_says_where_it_was_looked_for_and_what_to_do(tmp_path):
    refuses("mnist", tmp_path, str(tmp_path), "train-images-idx3-ubyte", "fetch mnist")
    put(tmp_path, {part: content for part, content in MNIST.items() if "t10k-labels" not in part})
    refuses("mnist", tmp_path, "t10k-labels")  # one of four is missing: none is taken


def test_an_unknown_data_set_is_refused_with_the_known_ones():
    for function in (datasets.load, datasets.present):
        with pytest.raises(ValueError, match="digits, mnist, cifar10"):
            function("imagenet")
    with pytest.raises(ValueError, match="can't be fetched; there are: mnist, cifar10"):
        datasets.fetch("digits")


def flip(content):
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("change", [flip, lambda c: c[:-7], lambda c: b"", lambda c: c + b"0"])
@pytest.mark.parametrize("name, parts", [("mnist", MNIST), ("cifar10", CIFAR10)])
def test_an_altered_or_truncated_file_is_refused_by_name(tmp_path, name, parts, change):
    put(tmp_path, parts)
    victim = list(parts)[1]
    (tmp_path / victim).write_bytes(change(parts[victim]))
    refuses(name, tmp_path, victim, "cut short or altered", f"fetch {name}")


def test_a_half_downloaded_gzip_file_is_refused(tmp_path):
    put(tmp_path, MNIST, ".gz", gzip.compress)
    victim = tmp_path / "t10k-images-idx3-ubyte.gz"
    for content in (victim.read_bytes()[:-20], b"<html>not found</html>"):
        victim.write_bytes(content)
        refuses("mnist", tmp_path, victim.name, "can't be decompressed")


def test_a_half_downloaded_or_foreign_archive_is_refused(tmp_path):
    path = tmp_path / "cifar-10-python.tar.gz"
    archive(path, CIFAR10)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refuses("cifar10", tmp_path, path.name, "cut short")
    archive(path, {part: CIFAR10[part] for part in PARTS[:3]})
    refuses("cifar10", tmp_path, path.name, "lacks data_batch_4")


@pytest.mark.parametrize(
    "content, words",
    [
        (b"\x00\x00\x0d\x01" + struct.pack(">I", 2) + b"ab", "no IDX file of bytes"),
        (b"\x00\x00\x08\x03" + struct.pack(">I", 2), "ends within its header"),
        (b"\x00\x00\x08\x01" + struct.pack(">I", 3) + b"ab", "3 values, but holds 2"),
        (b"\x00\x00\x08\x02" + struct.pack(">2I", 2**31, 2**31), "but holds 0"),
        (b"", "no IDX file"),
    ],
)
def test_an_idx_file_that_contradicts_itself_is_refused(content, words):
    with pytest.raises(data_files.DataError, match=words):
        data_files.idx(content, "x")


def test_images_of_another_shape_and_labels_out_of_range_are_refused(tmp_path, monkeypatch):
    for change in (
        {"train-images-idx3-ubyte": idx(IMAGES["train"][:, :27])},
        {"train-images-idx3-ubyte": idx(IMAGES["train"][:-1])},
        {"train-labels-idx1-ubyte": idx(LABELS["train"] + 1)},
    ):
        parts = MNIST | change
        sums = {part: data_files.checksum(content) for part, content in parts.items()}
        source = dataclasses.replace(datasets.MNIST, parts=sums)
        monkeypatch.setattr(datasets, "SOURCES", {"mnist": source})
        put(tmp_path, parts)
        refuses("mnist", tmp_path, "mnist:", "expected" if "images" in str(change) else "0 to 9")


@pytest.mark.parametrize("bad", [gzip.compress(b"another", mtime=0), b"<html>not found</html>"])
def test_bad_files_hide_no_genuine_ones_and_fetch_repairs_that(tmp_path, bad, monkeypatch, server):
    put(tmp_path, MNIST, ".gz", lambda content: bad)
    put(tmp_path / "MNIST" / "raw", dict(list(MNIST.items())[:3]), ".gz", gzip.compress)
    refuses("mnist", tmp_path, "t10k-labels-idx1-ubyte", "fetch mnist", "taken instead")
    folder, address, _ = server
    served(monkeypatch, folder, [address])
    datasets.fetch("mnist", tmp_path, progress=False)
    assert np.array_equal(datasets.load("mnist", tmp_path).test_labels, LABELS["t10k"])
    # Not even in the folder of the download.
    put(tmp_path / "mnist", MNIST, "", flip)
    assert np.array_equal(datasets.load("mnist", tmp_path).train_images, IMAGES["train"])


def test_a_bad_folder_of_cifar10_does_not_hide_its_archive(tmp_path):
    put(tmp_path / "cifar-10-batches-py", CIFAR10, "", flip)
    refuses("cifar10", tmp_path, "data_batch_1", "cut short or altered")
    archive(tmp_path / "cifar10" / "cifar-10-python.tar.gz", CIFAR10)
    assert datasets.load("cifar10", tmp_path).train_images.shape == (50, 32, 32, 3)


def test_the_files_of_a_namesake_are_told_by_their_checksum_in_words(tmp_path):
    put(tmp_path, {part: idx(np.zeros(3, np.uint8)) for part in MNIST})
    refuses("mnist", tmp_path, "is not mnist's", "FashionMNIST's", "fetch mnist")
    put(tmp_path / "mnist", MNIST)  # and the genuine ones are taken, wherever they lie
    assert np.array_equal(datasets.load("mnist", tmp_path).test_images, IMAGES["t10k"])


class Malicious:
    """Pickles into an order to run something."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


def test_a_malicious_pickle_is_refused_and_runs_nothing(tmp_path):
    marker = tmp_path / "it-ran"
    content = pickle.dumps({"data": Malicious(marker), "labels": []}, protocol=3)
    pickle.loads(content)  # it would: the test can fail
    assert marker.exists()
    marker.rmdir()
    with pytest.raises(data_files.DataError, match=r"test_batch.*mkdir.*not read"):
        data_files.cifar_batch(content, "test_batch")
    assert not marker.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x02",
        CIFAR10["test_batch"][:-100],
        pickle.dumps([1, 2], protocol=3),
        pickle.dumps({"data": np.zeros((2, 3072), np.uint8)}, protocol=3),
        pickle.dumps({"data": np.zeros((2, 3072)), "labels": [0, 1]}, protocol=3),
        pickle.dumps({"data": [1], "labels": [0]}, protocol=3),
        batch(0, width=3071),
        batch(0).replace(b"labels", b"libels"),
    ],
)
def test_a_pickle_that_is_no_batch_is_refused_by_name(content):
    with pytest.raises(data_files.DataError, match="data_batch_1"):
        data_files.cifar_batch(content, "data_batch_1")


# --- what is downloaded ---
@pytest.fixture
def server(tmp_path):
    """A file server; its folder, its address, and the paths that were asked for."""
    folder, asked = tmp_path / "served", []
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            asked.append(self.path)

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{running.server_port}/", asked
        running.shutdown()


def served(monkeypatch, folder, addresses):
    put(folder, MNIST, ".gz", lambda content: gzip.compress(content, mtime=0))
    sums = {path.name: data_files.checksum(path.read_bytes()) for path in folder.glob("*.gz")}
    source = dataclasses.replace(
        datasets.SOURCES["mnist"], downloads=sums, addresses=tuple(addresses)
    )
    monkeypatch.setitem(datasets.SOURCES, "mnist", source)


def test_fetch_downloads_checks_and_keeps_what_is_right(tmp_path, monkeypatch, server):
    folder, address, asked = server
    # The first address has nothing: the second one is tried.
    served(monkeypatch, folder, [address + "gone/", address])
    put_into = datasets.fetch("mnist", tmp_path / "data", progress=False)
    assert put_into == tmp_path / "data" / "mnist"
    assert np.array_equal(datasets.load("mnist", tmp_path / "data").test_labels, LABELS["t10k"])
    asked.clear()
    datasets.fetch("mnist", tmp_path / "data", progress=False)
    assert not asked


def test_fetch_never_leaves_a_wrong_file_under_its_final_name(tmp_path, monkeypatch, server):
    folder, address, asked = server
    served(monkeypatch, folder, [address])
    victim = folder / "train-labels-idx1-ubyte.gz"
    victim.write_bytes(victim.read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"train-labels.*could not be downloaded.*by hand"):
        datasets.fetch("mnist", tmp_path / "data", progress=False)
    assert sum(victim.name in path for path in asked) == 3  # it was tried again
    assert victim.name not in {path.name for path in (tmp_path / "data").rglob("*")}
    assert not list((tmp_path / "data").rglob("tmp*"))


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_asked_for(
    tmp_path, monkeypatch, server
):
    folder, address, asked = server
    served(monkeypatch, folder, [address])
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ValueError, match="nothing can be written into .*file.*--data") as caught:
        datasets.fetch("mnist", tmp_path / "file", progress=False)
    assert "download" not in str(caught.value) and not asked


# --- the real ones, where they are ---
def test_the_genuine_data_are_looked_for_where_the_variable_says(tmp_path):
    assert genuine.folder({datasets.VARIABLE: str(tmp_path)}) == tmp_path
    assert genuine.folder({}).parts[-2:] == ("shared", "data")


@pytest.mark.parametrize(
    "name, mean", [("mnist", [0.13066]), ("cifar10", [0.49140, 0.48216, 0.44653])]
)
def test_the_genuine_data_have_the_known_means(name, mean, monkeypatch):
    monkeypatch.setattr(datasets, "SOURCES", {"mnist": datasets.MNIST, "cifar10": datasets.CIFAR10})
    if not datasets.present(name, genuine.FOLDER):
        pytest.skip(f"the genuine {name} is not on this machine")
    data = datasets.load(name, genuine.FOLDER)
    pixels = data.train_images.reshape(-1, len(mean))
    assert np.allclose(pixels.mean(axis=0) / 255, mean, atol=5.1e-6)
    if name == "cifar10":
        assert np.bincount(data.train_labels).tolist() == [5000] * 10
    else:
        counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        assert np.bincount(data.train_labels).tolist() == counts


# --- what is unpacked, and where it is looked for ---
def test_a_gz_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(data_files, "_MOST", 100_000)
    put(tmp_path, MNIST, ".gz", lambda content: gzip.compress(bytes(10**7)))
    with pytest.raises(ValueError, match="unpacks to more than 100000 bytes"):
        datasets.load("mnist", tmp_path)
    archive(tmp_path / "cifar-10-python.tar.gz", CIFAR10 | {"test_batch": bytes(10**6)})
    with pytest.raises(ValueError, match="holds .*test_batch of 1000000 bytes"):
        datasets.load("cifar10", tmp_path)


def test_the_largest_genuine_part_is_unpacked():
    assert data_files._MOST > 60_000 * 28 * 28 + 16


@pytest.mark.parametrize("place", [".", "MNIST/raw"])
def test_fetch_finds_what_load_finds_and_downloads_nothing(tmp_path, place, monkeypatch):
    def download(*arguments):
        raise AssertionError("it is there already")

    monkeypatch.setattr(data_files, "download", download)
    put(tmp_path / place, MNIST)
    assert datasets.fetch("mnist", tmp_path, progress=False) == tmp_path / place
    assert not (tmp_path / "mnist").exists()
