/**
 * CIFAR-10: 50,000 training images in five files, 10,000 test images in one, ten classes. See
 * `cifar.node.ts`.
 */
import { cifarSource } from "./cifar.node.ts";

const batches = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}`);

/** The source definition. */
export const cifar10 = cifarSource({
  name: "cifar10",
  title: "CIFAR-10",
  classNames: "airplane automobile bird cat deer dog frog horse ship truck".split(" "),
  labelBytes: 1,
  published: { train: 10_000, test: 10_000 },
  binary: {
    folder: "cifar-10-batches-bin",
    archive: "cifar-10-binary.tar.gz",
    files: { train: batches.map((name) => `${name}.bin`), test: ["test_batch.bin"] },
    meta: "batches.meta.txt",
  },
  python: {
    folder: "cifar-10-batches-py",
    archive: "cifar-10-python.tar.gz",
    files: { train: batches, test: ["test_batch"] },
    meta: "batches.meta",
    labels: "labels",
    names: "label_names",
  },
  other: { title: "CIFAR-100", name: "cifar100", labelBytes: 2 },
});
